import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { crc32c, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { expect, it } from 'vitest'
import { LogEngine, memoryFileSystem } from '../../src/index.ts'
import { batchOf, t0 } from '../batches.ts'
import { bundle } from '../child-process.ts'
import { ManualTime } from '../manual-time.ts'

const now = 1_700_000_000_000
const hour = 3_600_000

function keyless(): Uint8Array {
  const builder = new RecordBatchBuilder()
  builder.append(now, null, Buffer.from('v'))
  return Uint8Array.from(builder.build())
}

/** A batch with its bytes changed and its CRC made right again. */
function forged(change: (bytes: Buffer) => void): Uint8Array {
  const bytes = Buffer.from(batchOf(['aa', 'bb']))
  change(bytes)
  bytes.writeUInt32BE(crc32c(bytes, 21), 17)
  return bytes
}

const longBytes = Array.from({ length: 2000 }, (_, i) => String.fromCharCode(33 + ((i * 7919) % 90))).join('')

const refusals: readonly [what: string, configs: Record<string, string>, batch: () => Uint8Array, code: string][] = [
  ['a bad CRC', {}, () => batchOf(['a']).fill(7, 66, 67), 'CORRUPT_MESSAGE'],
  ['a batch that is cut off', {}, () => batchOf(['a']).subarray(0, 69), 'CORRUPT_MESSAGE'],
  ['a batch with bytes behind it', {}, () => Buffer.concat([batchOf(['a']), Buffer.alloc(9)]), 'CORRUPT_MESSAGE'],
  ['no batch', {}, () => new Uint8Array(0), 'CORRUPT_MESSAGE'],
  ['a length that is too small', {}, () => forged((bytes) => bytes.writeInt32BE(40, 8)), 'CORRUPT_MESSAGE'],
  ['an old format', {}, () => forged((bytes) => bytes.writeInt8(1, 16)), 'UNSUPPORTED_FOR_MESSAGE_FORMAT'],
  ['a record whose length is wrong', {}, () => forged((bytes) => bytes.writeInt8(100, 61)), 'CORRUPT_MESSAGE'],
  ['a record whose key is longer than it', {}, () => forged((bytes) => bytes.writeInt8(100, 65)), 'CORRUPT_MESSAGE'],
  ['more records counted than there are', {}, () => forged((bytes) => count(bytes, 3)), 'CORRUPT_MESSAGE'],
  ['fewer records counted than there are', {}, () => forged((bytes) => count(bytes, 1)), 'CORRUPT_MESSAGE'],
  ['offsets that leave gaps', {}, () => batchOf(['a'], { lastOffsetDelta: 4 }), 'INVALID_RECORD'],
  ['offsets that repeat', {}, () => forged((bytes) => bytes.writeInt8(0, 61 + 10 + 3)), 'INVALID_RECORD'],
  ['no records', {}, () => batchOf([]), 'INVALID_RECORD'],
  ['a control batch', {}, () => batchOf(['a'], { isControl: true }), 'INVALID_RECORD'],
  ['a producer without sequence', {}, () => batchOf(['a'], { producerId: 1n, producerEpoch: 0 }), 'INVALID_RECORD'],
  ['max.message.bytes', { 'max.message.bytes': '300' }, () => batchOf(['x'.repeat(300)]), 'MESSAGE_TOO_LARGE'],
  [
    'max.message.bytes once the codec is that of the topic',
    { 'max.message.bytes': '1500', 'compression.type': 'uncompressed' },
    () => batchOf([longBytes], { compression: 'gzip' }),
    'MESSAGE_TOO_LARGE',
  ],
  ['segment.bytes', { 'internal.segment.bytes': '100' }, () => batchOf(['x'.repeat(90)]), 'RECORD_LIST_TOO_LARGE'],
  ['no key in a compacted topic', { 'cleanup.policy': 'compact' }, keyless, 'INVALID_RECORD'],
  ['no key in a topic compacted too', { 'cleanup.policy': 'compact,delete' }, keyless, 'INVALID_RECORD'],
  ['a timestamp too far ahead', {}, () => batchOf(['a'], {}, now + hour + 1), 'INVALID_TIMESTAMP'],
  [
    'a timestamp too far back',
    { 'message.timestamp.before.max.ms': '1000' },
    () => batchOf(['a'], {}, now - 1001),
    'INVALID_TIMESTAMP',
  ],
]

function count(bytes: Buffer, records: number): void {
  bytes.writeInt32BE(records - 1, 23)
  bytes.writeInt32BE(records, 57)
}

async function setUp(configs: Record<string, string>) {
  const engine = await LogEngine.open({ dir: '/data', fileSystem: memoryFileSystem(), time: new ManualTime(now) })
  engine.createTopic({ name: 't', partitions: 1, configs })
  return engine
}

it.each(refusals)('is refused, and nothing written: %s', async (_, configs, batch, code) => {
  const engine = await setUp(configs)
  const append = (): unknown => engine.append(t0, batch())
  expect(append).toThrow(expect.objectContaining({ name: 'EngineError', code }))
  // With a sound batch before it too.
  const together = (): unknown => engine.append(t0, Buffer.concat([batchOf(['a'], {}, now), batch()]))
  if (batch().length > 0 && code !== 'RECORD_LIST_TOO_LARGE')
    expect(together).toThrow(expect.objectContaining({ code }))
  expect(engine.listOffset(t0, 'latest').offset).toBe(0)
  expect(engine.sizeInBytes(t0)).toBe(0)
})

it('timestamps at the limits are taken, so are records without one, and any under LogAppendTime', async () => {
  const limits = { 'message.timestamp.before.max.ms': '1000', 'message.timestamp.after.max.ms': '500' }
  const engine = await setUp(limits)
  for (const timestamp of [now - 1000, now + 500, -1]) engine.append(t0, batchOf(['a'], {}, timestamp))
  engine.alterTopicConfigs('t', { 'message.timestamp.type': 'LogAppendTime' })
  engine.append(t0, batchOf(['a'], {}, 5))
  expect(engine.listOffset(t0, 'latest').offset).toBe(4)
})

it('records without key are taken until the topic is compacted', async () => {
  const engine = await setUp({})
  engine.append(t0, keyless())
  engine.alterTopicConfigs('t', { 'cleanup.policy': 'compact' })
  expect(() => engine.append(t0, keyless())).toThrow(expect.objectContaining({ code: 'INVALID_RECORD' }))
  engine.alterTopicConfigs('t', { 'cleanup.policy': null })
  engine.append(t0, keyless())
})

it('a codec whose package is not installed is refused with its name; others work', { timeout: 120_000 }, async () => {
  const directory = mkdtempSync(join(tmpdir(), 'no-codecs-'))
  try {
    // Beside the bundle no package is installed.
    const script = await bundle('append-with-codecs', directory)
    const answers = JSON.parse(execFileSync(process.execPath, [script], { encoding: 'utf8' }))
    expect(answers).toEqual({
      gzip: 'fine',
      snappy: expect.stringMatching(/^UNSUPPORTED_COMPRESSION_TYPE .*npm install snappy/),
      lz4: expect.stringMatching(/^UNSUPPORTED_COMPRESSION_TYPE .*npm install lz4-napi/),
      zstd: expect.stringMatching(/^fine$|^UNSUPPORTED_COMPRESSION_TYPE .*npm install @bokuweb\/zstd-wasm/),
    })
  } finally {
    rmSync(directory, { recursive: true })
  }
})
