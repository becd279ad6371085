import { type Admin, Kafka, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { recordsOf } from '../records.ts'

let broker: Broker
let kafka: Kafka
let admin: Admin
const producers: Producer[] = []

beforeAll(async () => {
  process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'
  broker = await startBroker({ memory: true })
  kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  await admin.connect()
})

afterAll(async () => {
  for (const producer of producers) await producer.disconnect()
  await admin.disconnect()
  await broker.close()
})

async function connected(producer: Producer): Promise<Producer> {
  await producer.connect()
  producers.push(producer)
  return producer
}

test('creates, describes and deletes topics', async () => {
  const configEntries = [{ name: 'cleanup.policy', value: 'compact' }]
  expect(await admin.createTopics({ topics: [{ topic: 'made', numPartitions: 3, configEntries }] })).toBe(true)
  expect(await admin.createTopics({ topics: [{ topic: 'made' }] })).toBe(false)
  expect(await admin.listTopics()).toContain('made')
  const { topics } = await admin.fetchTopicMetadata({ topics: ['made'] })
  expect(topics[0]?.partitions.map(({ partitionId, leader }) => [partitionId, leader])).toEqual([
    [0, 1],
    [1, 1],
    [2, 1],
  ])
  const { resources } = await admin.describeConfigs({
    includeSynonyms: false,
    resources: [{ type: 2, name: 'made', configNames: ['cleanup.policy', 'retention.ms'] }],
  })
  expect(resources[0]?.configEntries.map(({ configName, configValue }) => [configName, configValue])).toEqual([
    ['cleanup.policy', 'compact'],
    ['retention.ms', '604800000'],
  ])
  await admin.deleteTopics({ topics: ['made'] })
  expect(await admin.listTopics()).not.toContain('made')
})

test('refuses topics that cannot be', async () => {
  const create = (topic: string, rest: object = {}) => admin.createTopics({ topics: [{ topic, ...rest }] })
  await expect(create('a/b')).rejects.toThrow()
  await expect(create('replicated', { replicationFactor: 3 })).rejects.toThrow()
  await expect(create('odd', { configEntries: [{ name: 'no.such.config', value: '1' }] })).rejects.toThrow()
  expect(await admin.listTopics()).not.toContain('odd')
})

test('describes the cluster', async () => {
  const cluster = await admin.describeCluster()
  expect(cluster).toMatchObject({ controller: 1, clusterId: broker.engine.clusterId })
  expect(cluster.brokers).toEqual([{ nodeId: 1, host: broker.host, port: broker.port }])
})

test('produces to a topic that the broker creates, with keys, headers and gzip', async () => {
  const producer = await connected(kafka.producer())
  const messages = [
    { key: 'k', value: 'plain', headers: { h: 'v' } },
    { key: 'k', value: null },
  ]
  await producer.send({ topic: 'produced', messages })
  await producer.send({ topic: 'produced', messages: [{ value: 'zipped' }], compression: 1 })
  await producer.send({ topic: 'produced', messages: [{ value: 'unanswered' }], acks: 0 })
  const last = await producer.send({ topic: 'produced', messages: [{ value: 'leader only' }], acks: 1 })
  expect(last[0]).toMatchObject({ baseOffset: '4', errorCode: 0 })
  expect(recordsOf(broker, 'produced').map(({ key, value }) => [key, value])).toEqual([
    ['k', 'plain'],
    ['k', null],
    [null, 'zipped'],
    [null, 'unanswered'],
    [null, 'leader only'],
  ])
  expect(await admin.fetchTopicOffsets('produced')).toEqual([{ partition: 0, offset: '5', high: '5', low: '0' }])
})

test('finds offsets by time, and deletes records', async () => {
  const producer = await connected(kafka.producer())
  const messages = [1000, 2000, 3000].map((timestamp) => ({ value: `${timestamp}`, timestamp: `${timestamp}` }))
  for (const message of messages) await producer.send({ topic: 'timed', messages: [message] })
  expect(await admin.fetchTopicOffsetsByTimestamp('timed', 1500)).toEqual([{ partition: 0, offset: '1' }])
  await admin.deleteTopicRecords({ topic: 'timed', partitions: [{ partition: 0, offset: '2' }] })
  expect(await admin.fetchTopicOffsets('timed')).toEqual([{ partition: 0, offset: '3', high: '3', low: '2' }])
})

test('commits and aborts transactions, one after the other without retries', async () => {
  const options = { transactionalId: 'tx', idempotent: true, maxInFlightRequests: 1 }
  const producer = await connected(kafka.producer(options))
  for (const outcome of ['commit', 'abort', 'commit'] as const) {
    const transaction = await producer.transaction()
    await transaction.send({ topic: 'transacted', messages: [{ value: outcome }] })
    await transaction[outcome]()
  }
  expect(recordsOf(broker, 'transacted', 'read_committed').map(({ value }) => value)).toEqual(['commit', 'commit'])
  expect(recordsOf(broker, 'transacted').map(({ value }) => value)).toEqual(['commit', 'abort', 'commit'])
})

test('a second producer with the same transactional id fences the first', async () => {
  const options = { transactionalId: 'fenced', idempotent: true, maxInFlightRequests: 1 }
  const first = await connected(kafka.producer(options))
  const zombie = await first.transaction()
  await zombie.send({ topic: 'fenced', messages: [{ value: 'zombie' }] })
  const second = await connected(kafka.producer(options))
  const transaction = await second.transaction()
  await transaction.send({ topic: 'fenced', messages: [{ value: 'new' }] })
  await expect(zombie.commit()).rejects.toThrow()
  await transaction.commit()
  expect(recordsOf(broker, 'fenced', 'read_committed').map(({ value }) => value)).toEqual(['new'])
})
