import {
  type CompressionType,
  compressionTypes,
  crc32c,
  murmur2,
  prepareCompression,
  RecordBatchBuilder,
  RecordBatchReader,
} from '@millrace/kafka-protocol'
import { Serdes } from 'millrace'
import { generate } from '../workloads/generator.ts'

/** Measures serdes and the codecs of the wire: a line for each, nanoseconds an operation, the best of several rounds. */
export async function measureCodecs(say: (line: string) => void): Promise<void> {
  for (const [what, work] of serdeWork()) say(`serde: ${what}: ${nanos(work)} ns`)
  await prepareCompression()
  for (const line of wireLines()) say(line)
}

type Work = () => void

const ORDER = {
  orderId: 'ord-0000000001-0123456789abcdef01234567',
  user: 'user-000001',
  amount: 12345,
  region: 'eu-west-1',
}

function serdeWork(): (readonly [string, Work])[] {
  const values: (readonly [string, { serialize: Serialize; deserialize: Deserialize }, unknown])[] = [
    ['string of 11 characters', Serdes.string() as never, 'user-000001'],
    ['string of 100 characters', Serdes.string() as never, 'x'.repeat(100)],
    ['string of 20 characters, not ASCII', Serdes.string() as never, 'Größenänderung §§ 12'],
    ['int32', Serdes.int32() as never, 123_456],
    ['int64', Serdes.int64() as never, 1_700_000_040_000],
    ['bigint64', Serdes.bigint64() as never, 1_700_000_040_000n],
    ['float64', Serdes.float64() as never, 3.14],
    ['JSON of 110 bytes', Serdes.json() as never, ORDER],
  ]
  return values.flatMap(([what, serde, value]) => {
    const bytes = serde.serialize('topic', value)
    return [
      [`${what}, to bytes`, () => keep(serde.serialize('topic', value))] as const,
      [`${what}, from bytes`, () => keep(serde.deserialize('topic', bytes))] as const,
    ]
  })
}

type Serialize = (topic: string, value: unknown) => Uint8Array | null
type Deserialize = (topic: string, bytes: Uint8Array | null) => unknown

const kept: unknown[] = []

/** Uses a result, so that its making cannot be left out. */
function keep(result: unknown): void {
  kept[0] = result
}

const RECORDS = 500

function* wireLines(): Generator<string> {
  const builder = new RecordBatchBuilder()
  generate('W1', RECORDS, 1, (_topic, _partition, timestamp, key, value) => builder.append(timestamp, key, value))
  const plain = Uint8Array.from(builder.build())
  const key = Buffer.from('user-000001')
  yield `wire: CRC-32C: ${perMegabyte(() => keep(crc32c(plain)), plain.length)}`
  yield `wire: murmur2 of 11 bytes: ${nanos(() => keep(murmur2(key)))} ns`
  const inputs: { readonly timestamp: number; readonly key: Uint8Array | null; readonly value: Uint8Array }[] = []
  generate('W1', RECORDS, 1, (_topic, _partition, timestamp, key, value) => inputs.push({ timestamp, key, value }))
  for (const compression of compressionTypes) yield* batchLines(compression, inputs, plain.length)
}

function* batchLines(
  compression: CompressionType,
  inputs: readonly { readonly timestamp: number; readonly key: Uint8Array | null; readonly value: Uint8Array }[],
  plainBytes: number,
): Generator<string> {
  const builder = new RecordBatchBuilder()
  const encode = (): Uint8Array => {
    builder.reset()
    for (const { timestamp, key, value } of inputs) builder.append(timestamp, key, value)
    return builder.build(compression === 'none' ? {} : { compression })
  }
  const bytes = Uint8Array.from(encode())
  const share = Math.round((100 * bytes.length) / plainBytes)
  yield `wire: ${RECORDS} orders to a batch, ${compression}: ${nanos(() => keep(encode()), RECORDS)} ns a record, ${share} % of the bytes`
  const reader = new RecordBatchReader(bytes)
  const decode = (): void => {
    reader.reset(bytes)
    let read = 0
    while (reader.nextBatch()) while (reader.nextRecord()) read += reader.value?.length ?? 0
    keep(read)
  }
  yield `wire: a batch to ${RECORDS} orders, ${compression}: ${nanos(decode, RECORDS)} ns a record`
}

function perMegabyte(work: Work, bytes: number): string {
  return `${Math.round((bytes / nanos(work)) * 1000)} MB/s`
}

const ROUNDS = 9
const ROUND_MS = 25

/** Nanoseconds of one call, or of one of so many parts of it: the best round. */
function nanos(work: Work, parts = 1): number {
  let calls = 1
  let best = Infinity
  for (let round = 0; round < ROUNDS; ) {
    const start = performance.now()
    for (let i = 0; i < calls; i++) work()
    const took = performance.now() - start
    if (took < ROUND_MS) {
      calls *= 2
      continue
    }
    best = Math.min(best, (took * 1e6) / calls)
    round += 1
  }
  const each = best / parts
  return each < 10 ? Math.round(each * 10) / 10 : Math.round(each)
}
