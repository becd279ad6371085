import { RecordBatchBuilder, RecordBatchReader } from '@millrace/kafka-protocol'
import { zeroUuid } from '@millrace/kafka-protocol/messages'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { Wire } from '../wire.ts'

let broker: Broker
let wire: Wire
let topicId: string

beforeEach(async () => {
  broker = await startBroker({ memory: true, configs: { 'max.incremental.fetch.session.cache.slots': '2' } })
  topicId = broker.engine.createTopic({ name: 't', partitions: 3 }).topicId
  wire = await Wire.open(broker)
})

afterEach(async () => {
  wire.close()
  await broker.close()
})

function append(partition: number, value: string): void {
  const builder = new RecordBatchBuilder()
  builder.append(1000, null, Buffer.from(value))
  broker.engine.append({ topic: 't', partition }, builder.build())
}

interface Asked {
  readonly partition: number
  readonly fetchOffset?: number
  readonly partitionMaxBytes?: number
  readonly currentLeaderEpoch?: number
}

interface Options {
  readonly version?: number
  readonly topicId?: string
  readonly sessionId?: number
  readonly sessionEpoch?: number
  readonly maxWaitMs?: number
  readonly minBytes?: number
  readonly maxBytes?: number
  readonly forgotten?: readonly number[]
}

interface Answered {
  readonly errorCode: number
  readonly sessionId: number
  /** By partition: error code, and the values read. */
  readonly partitions: Readonly<Record<number, readonly [errorCode: number, ...values: string[]]>>
}

async function fetch(asked: readonly Asked[], options: Options = {}): Promise<Answered> {
  const { version = 12, forgotten = [], ...rest } = options
  const partitions = asked.map((one) => ({ fetchOffset: 0, partitionMaxBytes: 100_000, ...one }))
  wire.request(1, version, {
    maxWaitMs: 0,
    minBytes: 1,
    ...rest,
    topics: partitions.length === 0 ? [] : [{ topic: 't', topicId: options.topicId ?? topicId, partitions }],
    forgottenTopicsData: forgotten.length === 0 ? [] : [{ topic: 't', topicId, partitions: forgotten }],
  })
  const { response } = await wire.answer(1, version)
  const topics = response['responses'] as {
    partitions: { partitionIndex: number; errorCode: number; records: Uint8Array }[]
  }[]
  const answers = topics.flatMap((topic) =>
    topic.partitions.map((one) => [one.partitionIndex, [one.errorCode, ...valuesOf(one.records)]] as const),
  )
  const { errorCode, sessionId } = response as { errorCode: number; sessionId: number }
  return { errorCode, sessionId, partitions: Object.fromEntries(answers) as Answered['partitions'] }
}

function valuesOf(records: Uint8Array): string[] {
  const values: string[] = []
  const reader = new RecordBatchReader(records)
  while (reader.nextBatch()) while (reader.nextRecord()) values.push(Buffer.from(reader.value!).toString())
  return values
}

test('each partition has its own error', async () => {
  append(0, 'a')
  const { partitions } = await fetch([{ partition: 0 }, { partition: 1, fetchOffset: 9 }, { partition: 7 }])
  expect(partitions).toEqual({ 0: [0, 'a'], 1: [1], 7: [3] })
})

test('topics by id, from version 13 on', async () => {
  append(0, 'a')
  expect((await fetch([{ partition: 0 }], { version: 13 })).partitions).toEqual({ 0: [0, 'a'] })
  expect((await fetch([{ partition: 0 }], { version: 13, topicId: zeroUuid })).partitions).toEqual({ 0: [100] })
  broker.engine.deleteTopic('t')
  broker.engine.createTopic({ name: 't', partitions: 1 })
  expect((await fetch([{ partition: 0 }], { version: 13 })).partitions).toEqual({ 0: [100] })
})

test('a leader epoch that is not the present one is refused', async () => {
  expect((await fetch([{ partition: 0, currentLeaderEpoch: 0 }])).partitions).toEqual({ 0: [0] })
  expect((await fetch([{ partition: 0, currentLeaderEpoch: 5 }])).partitions).toEqual({ 0: [75] })
})

test('the first batch comes whatever the limits; beyond them others wait for their turn', async () => {
  for (const partition of [0, 1]) append(partition, 'x'.repeat(500))
  const { partitions } = await fetch([{ partition: 0, partitionMaxBytes: 1 }, { partition: 1 }], { maxBytes: 1 })
  expect([partitions[0]?.length, partitions[1]?.length]).toEqual([2, 1])
})

test('a session answers news only, and every partition gets its turn', async () => {
  const first = await fetch([{ partition: 0 }, { partition: 1 }], { sessionEpoch: 0 })
  expect(first).toMatchObject({ errorCode: 0, partitions: { 0: [0], 1: [0] } })
  expect(first.sessionId).toBeGreaterThan(0)
  const session = { sessionId: first.sessionId }
  expect((await fetch([], { ...session, sessionEpoch: 1 })).partitions).toEqual({})
  append(1, 'b')
  expect((await fetch([], { ...session, sessionEpoch: 2 })).partitions).toEqual({ 1: [0, 'b'] })
  const moved = await fetch([{ partition: 1, fetchOffset: 1 }, { partition: 2 }], { ...session, sessionEpoch: 3 })
  // Partition 2 is new to the client; of 1 it knows everything.
  expect(moved.partitions).toEqual({ 2: [0] })
  append(0, 'a')
  expect((await fetch([], { ...session, sessionEpoch: 4, forgotten: [0] })).partitions).toEqual({})
})

test('a session that is unknown, out of step or of the other kind is refused', async () => {
  const { sessionId } = await fetch([{ partition: 0 }], { sessionEpoch: 0 })
  expect((await fetch([], { sessionId: sessionId + 1, sessionEpoch: 1 })).errorCode).toBe(70)
  expect((await fetch([], { sessionId, sessionEpoch: 2 })).errorCode).toBe(71)
  expect((await fetch([], { sessionId, sessionEpoch: 1, version: 13 })).errorCode).toBe(106)
  expect((await fetch([], { sessionId, sessionEpoch: 1 })).errorCode).toBe(0)
  await fetch([{ partition: 0 }], { sessionId, sessionEpoch: -1 })
  expect((await fetch([], { sessionId, sessionEpoch: 2 })).errorCode).toBe(70)
})

test('the session used least lately makes room', async () => {
  const sessions: number[] = []
  for (let i = 0; i < 3; i++) sessions.push((await fetch([{ partition: 0 }], { sessionEpoch: 0 })).sessionId)
  const errors: number[] = []
  for (const sessionId of sessions) errors.push((await fetch([], { sessionId, sessionEpoch: 1 })).errorCode)
  expect(errors).toEqual([70, 0, 0])
})

test('a fetch waits until there are enough bytes, or the time is over', async () => {
  append(0, 'a')
  const before = performance.now()
  expect((await fetch([{ partition: 0 }], { minBytes: 100_000, maxWaitMs: 60 })).partitions).toEqual({ 0: [0, 'a'] })
  expect(performance.now() - before).toBeGreaterThan(50)
  const waiting = fetch([{ partition: 0 }], { minBytes: 200, maxWaitMs: 10_000 })
  for (const value of ['b', 'c', 'd']) append(0, value)
  const { partitions } = await waiting
  expect(partitions[0]?.slice(0, 3)).toEqual([0, 'a', 'b'])
})

test('an error ends the wait', async () => {
  const before = performance.now()
  await fetch([{ partition: 0 }, { partition: 1, fetchOffset: 5 }], { maxWaitMs: 10_000 })
  expect(performance.now() - before).toBeLessThan(5000)
})

test('a fetch that has waited in vain tells how the offsets are now', async () => {
  append(0, 'a')
  append(0, 'b')
  wire.request(1, 12, {
    maxWaitMs: 300,
    minBytes: 1,
    topics: [{ topic: 't', topicId, partitions: [{ partition: 0, fetchOffset: 2, partitionMaxBytes: 1000 }] }],
    forgottenTopicsData: [],
  })
  const other = await Wire.open(broker)
  other.request(18, 0, {})
  await other.answer(18, 0)
  broker.engine.deleteRecords({ topic: 't', partition: 0 }, 1)
  const { response } = await wire.answer(1, 12)
  expect(response).toMatchObject({
    responses: [{ partitions: [{ errorCode: 0, highWatermark: 2, logStartOffset: 1 }] }],
  })
  other.close()
})
