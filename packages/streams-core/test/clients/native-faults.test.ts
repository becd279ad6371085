import { type Broker, startBroker } from '@millrace/broker'
import { apis } from '@millrace/kafka-protocol/messages'
import { Headers } from '@millrace/serdes'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { ClientError } from '../../src/clients/client-error.ts'
import { bytesOf, readAll, recordingListener, textOf } from '../../src/clients/conformance/suite.ts'
import type { GroupMetadata } from '../../src/clients/consumer.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import type { Producer } from '../../src/clients/producer.ts'

// What the native clients make of brokers that fail: the bundled broker is told to.

const [produce, fetch, heartbeat, addPartitionsToTxn, addOffsetsToTxn, endTxn, initProducerId] = [
  0, 1, 12, 24, 25, 26, 22,
]
const topic = 't'
const partition = { topic, partition: 0 }

let broker: Broker
const closing: (() => Promise<void>)[] = []

beforeEach(async () => {
  broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  broker.engine.createTopic({ name: topic, partitions: 1, configs: {} })
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await broker.close()
})

function clients(overrides = {}) {
  const options = {
    bootstrapServers: broker.address,
    heartbeatIntervalMs: 20,
    sessionTimeoutMs: 10_000,
    retryTimeoutMs: 3000,
  }
  return nativeClientSupplier({ ...options, ...overrides })
}

function producer(transactionalId?: string, overrides = {}): Producer {
  const made = clients(overrides).producer({ clientId: 'p', transactionalId, transactionTimeoutMs: 10_000 })
  closing.push(() => made.close())
  return made
}

/** Sends the numbers of a range in several batches. */
async function send(to: Producer, from: number, end: number): Promise<void> {
  for (let i = from; i < end; i += 1) {
    to.send(topic, 0, null, bytesOf(`${i}`), 1_700_000_000_000, Headers.empty)
    if (i % 10 === 9) await new Promise((resolve) => setImmediate(resolve))
  }
}

async function numbers(count: number): Promise<readonly number[]> {
  const reader = clients().restoreConsumer({ clientId: 'r', isolation: 'read_committed' })
  closing.push(() => reader.close())
  return (await readAll(reader, partition, count)).map(({ value }) => Number(textOf(value)))
}

const upTo = (end: number) => Array.from({ length: end }, (_, i) => i)

describe('records arrive once and in order', () => {
  for (const [name, fault] of [
    ['the answer is lost after the records were written', { disconnect: true, after: true }],
    ['the connection breaks before', { disconnect: true }],
    ['the leader has moved', { error: 'NOT_LEADER_OR_FOLLOWER' }],
  ] as const) {
    test(name, async () => {
      const sender = producer(undefined, { lingerMs: 0, batchBytes: 200 })
      let seen = 0
      const every = () => {
        seen += 1
        return seen % 3 === 2
      }
      broker.control(produce, fault, { times: 5, when: every })
      await send(sender, 0, 300)
      await sender.flush()
      expect(await numbers(300)).toEqual(upTo(300))
    })
  }
})

test('the very first batch goes alone: a broker that has not heard of the producer takes any sequence as its first', async () => {
  broker.control(produce, { error: 'NOT_LEADER_OR_FOLLOWER' }, { times: 1 })
  const sender = producer(undefined, { lingerMs: 0, batchBytes: 200 })
  const failed: Error[] = []
  sender.setListener({ onAcknowledged: () => undefined, onSendFailed: (_t, _p, error) => failed.push(error) })
  await send(sender, 0, 300)
  await sender.flush()
  expect(failed).toEqual([])
  expect(await numbers(300)).toEqual(upTo(300))
  expect(sender.bufferedBytes()).toBe(0)
})

test('a batch that no broker takes in time fails, and what follows is written', async () => {
  const sender = producer(undefined, { deliveryTimeoutMs: 100 })
  const failed: Error[] = []
  let acknowledged = 0
  sender.setListener({
    onAcknowledged: () => {
      acknowledged += 1
    },
    onSendFailed: (_t, _p, error) => failed.push(error),
  })
  const remove = broker.control(produce, { error: 'NOT_ENOUGH_REPLICAS' })
  await send(sender, 0, 5)
  await sender.flush()
  expect(failed).toMatchObject([{ code: 'REQUEST_TIMED_OUT', kind: 'retriable' }])
  remove()
  // On a busy machine also what would be taken may be late.
  while (acknowledged === 0) {
    await send(sender, 0, 3)
    await sender.flush()
  }
  expect(await numbers(3)).toEqual(upTo(3))
})

test.each(['gzip', 'snappy', 'lz4', 'zstd'] as const)('batches may be compressed by %s', async (compression) => {
  const sender = producer(undefined, { compression })
  await send(sender, 0, 300)
  await sender.flush()
  expect(await numbers(300)).toEqual(upTo(300))
})

test('a reader goes on after lost connections and moved leaders', async () => {
  const sender = producer()
  await send(sender, 0, 20)
  await sender.flush()
  broker.control(fetch, { disconnect: true }, { times: 2 })
  expect(await numbers(20)).toEqual(upTo(20))
})

describe('transactions', () => {
  const transactional = async (overrides = {}): Promise<Producer> => {
    const made = producer('id', overrides)
    await made.initTransactions()
    made.beginTransaction()
    return made
  }

  test('a busy coordinator is asked again', async () => {
    broker.control(initProducerId, { error: 'CONCURRENT_TRANSACTIONS' }, { times: 3 })
    broker.control(addPartitionsToTxn, { error: 'CONCURRENT_TRANSACTIONS' }, { times: 3 })
    broker.control(endTxn, { error: 'NOT_COORDINATOR' }, { times: 1 })
    const sender = await transactional()
    await send(sender, 0, 3)
    await sender.commitTransaction()
    expect(await numbers(3)).toEqual(upTo(3))
  })

  test('where the transaction version is 2, partitions and groups join by being written to, and each end brings an epoch', async () => {
    broker.control(addPartitionsToTxn, { error: 'INVALID_TXN_STATE' })
    broker.control(addOffsetsToTxn, { error: 'INVALID_TXN_STATE' })
    const sender = await transactional({ lingerMs: 0, batchBytes: 200 })
    broker.control(initProducerId, { error: 'INVALID_TXN_STATE' })
    const group = { groupId: 'g', generationId: -1, memberId: '', groupInstanceId: undefined }
    for (const [from, end, outcome] of [
      [0, 30, 'commit'],
      [30, 40, 'abort'],
      [30, 60, 'commit'],
    ] as const) {
      broker.control(produce, { error: 'CONCURRENT_TRANSACTIONS' }, { times: 1 })
      await send(sender, from, end)
      await sender.sendOffsetsToTransaction(new Map([[partition, { offset: end, metadata: '' }]]), group)
      await sender.flush()
      if (outcome === 'commit') await sender.commitTransaction()
      else await sender.abortTransaction()
      sender.beginTransaction()
    }
    expect(await numbers(60)).toEqual(upTo(60))
  })

  test('a commit whose answer is lost is asked for again', async () => {
    const sender = await transactional()
    await send(sender, 0, 3)
    broker.control(endTxn, { disconnect: true, after: true }, { times: 1 })
    await sender.commitTransaction()
    expect(await numbers(3)).toEqual(upTo(3))
  })

  test('a commit that is never answered has an unknown outcome', async () => {
    const sender = await transactional({ retryTimeoutMs: 100 })
    await send(sender, 0, 3)
    broker.control(endTxn, { disconnect: true, after: true })
    const error = await sender.commitTransaction().catch((thrown: unknown) => thrown)
    expect(error).toBeInstanceOf(ClientError)
    expect(error).toMatchObject({ isOutcomeUnknown: true, kind: 'retriable' })
  })

  test('records that were refused keep the transaction from committing; the next one is whole', async () => {
    const sender = await transactional()
    const failed: string[] = []
    sender.setListener({ onAcknowledged: () => undefined, onSendFailed: (_t, _p, error) => failed.push(error.message) })
    broker.control(produce, { error: 'MESSAGE_TOO_LARGE' }, { times: 1 })
    await send(sender, 0, 3)
    await expect(sender.commitTransaction()).rejects.toMatchObject({ kind: 'abortable' })
    expect(failed).toHaveLength(1)
    await sender.abortTransaction()
    sender.beginTransaction()
    await send(sender, 0, 3)
    await sender.commitTransaction()
    expect(await numbers(3)).toEqual(upTo(3))
  })
})

test('a broker that cannot fence offsets by generation is refused', async () => {
  const apiKeys = Object.values(apis).map(({ key, minVersion, maxVersion }) => ({
    apiKey: key,
    minVersion,
    maxVersion: key === 28 ? 2 : maxVersion,
  }))
  broker.control(18, { reply: () => ({ errorCode: 0, apiKeys }) })
  const sender = producer('id')
  await sender.initTransactions()
  sender.beginTransaction()
  const group = { groupId: 'g', generationId: 1, memberId: 'm', groupInstanceId: undefined }
  const offsets = new Map([[partition, { offset: 1, metadata: '' }]])
  await expect(sender.sendOffsetsToTransaction(offsets, group)).rejects.toMatchObject({
    code: 'UNSUPPORTED_VERSION',
    kind: 'fatal',
  })
})

describe('groups', () => {
  async function member(overrides = {}) {
    const consumer = clients(overrides).consumer({ groupId: 'g', clientId: 'c', isolation: 'read_committed' })
    closing.push(() => consumer.close())
    const listener = recordingListener(consumer)
    consumer.subscribe([topic], listener)
    while (listener.owned.length === 0) await consumer.poll(20)
    return { consumer, listener }
  }

  test('a session outlives lost connections', async () => {
    const { consumer, listener } = await member()
    const before: GroupMetadata = consumer.groupMetadata()
    broker.control(heartbeat, { disconnect: true }, { times: 2 })
    for (let polls = 0; polls < 10; polls += 1) await consumer.poll(20)
    expect(consumer.groupMetadata()).toEqual(before)
    expect(listener.heard).toEqual(['assigned 0'])
  })

  test('a member that the group has dropped loses its partitions and enters anew', async () => {
    // The broker waits for the member of before until its session ends.
    const { consumer, listener } = await member({ sessionTimeoutMs: 1500 })
    broker.control(heartbeat, { error: 'UNKNOWN_MEMBER_ID' }, { times: 1 })
    while (listener.heard.length < 3) await consumer.poll(20)
    expect(listener.heard).toEqual(['assigned 0', 'lost 0', 'assigned 0'])
  })

  test('a group of members that speak another protocol is refused with the fix', async () => {
    const { consumer } = await member()
    await consumer.poll(0)
    broker.control(11, { error: 'INCONSISTENT_GROUP_PROTOCOL' })
    const other = clients().consumer({ groupId: 'g', clientId: 'c', isolation: 'read_committed' })
    closing.push(() => other.close())
    other.subscribe([topic], recordingListener(other))
    const polled = async () => {
      for (;;) await other.poll(20)
    }
    await expect(polled()).rejects.toThrow(/Group 'g' has members that do not speak the protocol 'millrace'/)
  })
})

test.each([
  ['127.0.0.1:1', /^Cannot connect to 127\.0\.0\.1:1: .*ECONNREFUSED.* Is a broker there\?$/],
  ['127.0.0.1:1,127.0.0.1:2', /^None of 127\.0\.0\.1:1, 127\.0\.0\.1:2 can be reached\. /],
])('no broker at %s: the error says so', async (bootstrapServers, message) => {
  const admin = nativeClientSupplier({ bootstrapServers, retryTimeoutMs: 50 }).admin()
  await expect(admin.describeTopics(['t'])).rejects.toThrow(message)
  await admin.close()
})
