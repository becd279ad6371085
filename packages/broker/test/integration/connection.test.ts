import { RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

let broker: Broker
let log: string[]
let wire: Wire

beforeEach(async () => {
  log = []
  broker = await startBroker({
    memory: true,
    configs: { 'socket.request.max.bytes': '100000' },
    onLog: (message) => log.push(message),
  })
  wire = await Wire.open(broker)
})

afterEach(async () => {
  wire.close()
  await broker.close()
})

const hello = { clientSoftwareName: 'test', clientSoftwareVersion: '1.0' }

function batch(value: string): Uint8Array {
  const builder = new RecordBatchBuilder()
  builder.append(1000, null, Buffer.from(value))
  return builder.build()
}

const produce = (acks: number, records: Uint8Array) => ({
  transactionalId: null,
  acks,
  timeoutMs: 1000,
  topicData: [{ name: 't', partitionData: [{ index: 0, records }] }],
})

const fetchAt = (offset: number, maxWaitMs: number) => ({
  maxWaitMs,
  minBytes: 1,
  topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: 1000 }] }],
  forgottenTopicsData: [],
})

test('a version of ApiVersions that is not served is answered in version 0, with its range', async () => {
  wire.writeFrame(Buffer.from('001200630000000700047465737400', 'hex'))
  const { correlationId, response } = await wire.answer(18, 0)
  expect(correlationId).toBe(7)
  expect(response).toMatchObject({ errorCode: 35, apiKeys: [{ apiKey: 18, minVersion: 0, maxVersion: 4 }] })
})

test('ApiVersions lists ascending keys, and refuses a client without a name from version 3 on', async () => {
  wire.request(18, 3, hello)
  const { response } = await wire.answer(18, 3)
  const keys = (response['apiKeys'] as { apiKey: number }[]).map(({ apiKey }) => apiKey)
  expect(keys).toEqual([...keys].sort((a, b) => a - b))
  wire.request(18, 3, { clientSoftwareName: '', clientSoftwareVersion: '1' })
  expect((await wire.answer(18, 3)).response).toMatchObject({ errorCode: 42 })
})

test('an API or a version that is not served closes the connection with one line', async () => {
  wire.writeFrame(Buffer.from('03e7000000000001000474657374', 'hex'))
  expect(await wire.frame()).toBeUndefined()
  expect(log).toHaveLength(1)
  expect(log[0]).toContain('API 999')
})

test.each([
  ['a negative size', 'ffffffff'],
  ['a size above the limit', '000186a1'],
  ['a frame too short for its header', '000000020012'],
  ['a malformed body', '0000000f0003000100000001ffff7fffffff00'],
])('%s closes the connection with one line', async (_name, hex) => {
  wire.write(Buffer.from(hex, 'hex'))
  expect(await wire.frame()).toBeUndefined()
  expect(log).toHaveLength(1)
})

test('pipelined requests are answered in order, also behind a long poll', async () => {
  broker.engine.createTopic({ name: 't', partitions: 1 })
  wire.request(1, 4, fetchAt(0, 10_000), 1)
  wire.request(18, 0, {}, 2)
  wire.request(0, 3, produce(0, batch('acks 0 has no answer')), 3)
  wire.request(18, 0, {}, 4)
  const other = await Wire.open(broker)
  other.request(0, 3, produce(1, batch('wakes')), 9)
  expect((await other.answer(0, 3)).correlationId).toBe(9)
  expect((await wire.answer(1, 4)).correlationId).toBe(1)
  expect((await wire.answer(18, 0)).correlationId).toBe(2)
  expect((await wire.answer(18, 0)).correlationId).toBe(4)
  expect(broker.engine.listOffset({ topic: 't', partition: 0 }, 'latest').offset).toBe(2)
  other.close()
})

test('a frame may arrive byte by byte', async () => {
  for (const byte of Buffer.from('0000000e001200000000000700047465737400'.slice(0, 36), 'hex'))
    wire.write(Buffer.of(byte))
  expect((await wire.answer(18, 0)).correlationId).toBe(7)
})

test('a batch that is refused under acks 0 closes the connection', async () => {
  wire.request(0, 3, produce(0, batch('no such topic')))
  expect(await wire.frame()).toBeUndefined()
})

test('a client that does not read gets no more handled, and others are served', async () => {
  broker.engine.createTopic({ name: 't', partitions: 1 })
  broker.engine.append({ topic: 't', partition: 0 }, batch('x'.repeat(50_000)))
  wire.socket.pause()
  const fetchAll = {
    ...fetchAt(0, 0),
    topics: [{ topic: 't', partitions: [{ partition: 0, fetchOffset: 0, partitionMaxBytes: 60_000 }] }],
  }
  const before = process.memoryUsage().rss
  for (let i = 0; i < 5000; i++) wire.request(1, 4, fetchAll, i)
  const other = await Wire.open(broker)
  for (let i = 0; i < 100; i++) {
    other.request(18, 0, {}, i)
    await other.answer(18, 0)
  }
  expect(process.memoryUsage().rss - before).toBeLessThan(150_000_000)
  other.close()
})

test('answers that wait for their client keep their bytes while others are answered from the same memory', async () => {
  const size = 100_000
  for (const topic of ['t', 'u']) {
    broker.engine.createTopic({ name: topic, partitions: 1 })
    for (let i = 0; i < 80; i++) {
      broker.engine.append(
        { topic, partition: 0 },
        batch((topic + String.fromCharCode(97 + (i % 26))).repeat(size / 2)),
      )
    }
  }
  const ask = (topic: string, offset: number) => ({
    ...fetchAt(0, 0),
    topics: [{ topic, partitions: [{ partition: 0, fetchOffset: offset, partitionMaxBytes: size * 1.5 }] }],
  })
  const other = await Wire.open(broker)
  const expectAnswer = async (from: Wire, topic: string, offset: number): Promise<void> => {
    const { correlationId, response } = await from.answer(1, 4)
    expect(correlationId).toBe(offset)
    const [{ partitions }] = response['responses'] as [{ partitions: [{ records: Uint8Array }] }]
    const reader = new RecordBatchReader(partitions[0].records)
    expect(reader.nextBatch() && reader.isCrcValid && reader.nextRecord()).toBe(true)
    expect(Buffer.from(reader.value!.subarray(0, 2)).toString()).toBe(topic + String.fromCharCode(97 + (offset % 26)))
  }
  // Far more than the system's buffers hold.
  wire.socket.pause()
  for (let i = 0; i < 80; i++) wire.request(1, 4, ask('t', i), i)
  for (let i = 0; i < 80; i++) {
    other.request(1, 4, ask('u', i), i)
    await expectAnswer(other, 'u', i)
  }
  wire.socket.resume()
  for (let i = 0; i < 80; i++) await expectAnswer(wire, 't', i)
  other.close()
})

test('before authentication only its own requests are taken, and frames are small', async () => {
  const strict = await startBroker({
    memory: true,
    listeners: [{ sasl: true }],
    users: [{ name: 'alice', password: 'wonder' }],
    configs: { 'sasl.server.max.receive.size': '2000' },
  })
  const early = await Wire.open(strict)
  early.request(3, 1, { topics: null })
  expect(await early.frame()).toBeUndefined()
  const large = await Wire.open(strict)
  large.writeFrame(Buffer.alloc(3000))
  expect(await large.frame()).toBeUndefined()
  const token = await Wire.open(strict)
  token.request(36, 1, { authBytes: Buffer.from('\0alice\0wonder') })
  expect((await token.answer(36, 1)).response).toMatchObject({ errorCode: 34 })
  expect(await token.frame()).toBeUndefined()
  await strict.close()
})
