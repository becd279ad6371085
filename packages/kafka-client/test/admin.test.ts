import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { Admin, Cluster, Producer } from '../src/index.ts'

let broker: Broker
let cluster: Cluster
let admin: Admin

beforeAll(async () => {
  broker = await startBroker({ memory: true, configs: { 'auto.create.topics.enable': 'false' } })
  cluster = new Cluster({ bootstrap: broker.address, retryTimeoutMs: 1000 })
  admin = new Admin(cluster)
})

afterAll(async () => {
  await cluster.close()
  await broker.close()
})

test('topics are made, listed, given more partitions, and deleted', async () => {
  await admin.createTopic({ name: 'b', partitions: 2 })
  await admin.createTopic({ name: 'a' })
  expect((await admin.listTopics()).filter((topic) => !topic.isInternal).map(({ name }) => name)).toEqual(['a', 'b'])
  await admin.createPartitions('b', 3)
  expect((await admin.describeTopic('b')).partitions).toHaveLength(3)
  await expect(admin.createPartitions('b', 2)).rejects.toMatchObject({ code: 'INVALID_PARTITIONS' })
  await expect(admin.createTopic({ name: 'a' })).rejects.toMatchObject({ code: 'TOPIC_ALREADY_EXISTS' })
  await admin.deleteTopic('a')
  await expect(admin.describeTopic('a')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
  await expect(admin.deleteTopic('a')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})

test('configs are set and given back their defaults', async () => {
  await admin.createTopic({ name: 'c', configs: { 'retention.ms': '1000' } })
  const valueOf = async (config: string) =>
    (await admin.describeConfigs('topic', 'c')).find(({ name }) => name === config)
  expect(await valueOf('retention.ms')).toMatchObject({ value: '1000', isDefault: false })
  await admin.alterConfigs('topic', 'c', { 'retention.ms': null, 'cleanup.policy': 'compact' })
  expect(await valueOf('retention.ms')).toMatchObject({ value: '604800000', isDefault: true })
  expect(await valueOf('cleanup.policy')).toMatchObject({ value: 'compact', isDefault: false })
  await expect(admin.alterConfigs('topic', 'c', { 'retention.ms': 'long' })).rejects.toMatchObject({
    code: 'INVALID_CONFIG',
  })
  await expect(admin.describeConfigs('topic', 'none')).rejects.toMatchObject({ code: 'UNKNOWN_TOPIC_OR_PARTITION' })
})

test('configs of the broker are shown and cannot be changed', async () => {
  const entries = await admin.describeConfigs('broker', '1')
  expect(entries.find(({ name }) => name === 'auto.create.topics.enable')).toMatchObject({
    value: 'false',
    isDefault: false,
    isReadOnly: true,
  })
  await expect(admin.alterConfigs('broker', '1', { 'num.partitions': '2' })).rejects.toMatchObject({
    code: 'INVALID_REQUEST',
  })
})

test('offsets are found by place and time, and records deleted', async () => {
  await admin.createTopic({ name: 'd' })
  const producer = new Producer(cluster)
  for (const timestamp of [1000, 3000, 2000]) {
    await producer.send({ topic: 'd', key: null, value: Buffer.from('x'), timestamp })
  }
  const partition = { topic: 'd', partition: 0 }
  const offsetOf = async (spec: Parameters<typeof admin.listOffsets>[1]) =>
    (await admin.listOffsets([partition], spec))[0]
  expect(await offsetOf('earliest')).toMatchObject({ offset: 0 })
  expect(await offsetOf('latest')).toMatchObject({ offset: 3 })
  expect(await offsetOf('max-timestamp')).toMatchObject({ offset: 1, timestamp: 3000 })
  expect(await offsetOf({ timestamp: 1500 })).toMatchObject({ offset: 1, timestamp: 3000 })
  expect(await offsetOf({ timestamp: 9999 })).toMatchObject({ offset: -1, timestamp: -1 })
  expect(await admin.deleteRecords(partition, 2)).toBe(2)
  expect(await offsetOf('earliest')).toMatchObject({ offset: 2 })
  expect(await admin.deleteRecords(partition, -1)).toBe(3)
  await expect(admin.deleteRecords(partition, 9)).rejects.toMatchObject({ code: 'OFFSET_OUT_OF_RANGE' })
})

test.each([
  ['before', false],
  ['after', true],
])('a topic is made although the connection breaks %s it was', async (_when, after) => {
  broker.control(19, { disconnect: true, after }, { times: 1 })
  await admin.createTopic({ name: 'broken', partitions: 1 })
  expect((await admin.describeTopic('broken')).partitions).toHaveLength(1)
  await expect(admin.createTopic({ name: 'broken', partitions: 1 })).rejects.toMatchObject({
    code: 'TOPIC_ALREADY_EXISTS',
  })
})
