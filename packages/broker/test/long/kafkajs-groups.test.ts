import { type Admin, type Consumer, Kafka, logLevel, type Producer } from 'kafkajs'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'

let broker: Broker
let kafka: Kafka
let admin: Admin
let producer: Producer

beforeAll(async () => {
  process.env['KAFKAJS_NO_PARTITIONER_WARNING'] = '1'
  broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  kafka = new Kafka({ brokers: [broker.address], logLevel: logLevel.NOTHING })
  admin = kafka.admin()
  producer = kafka.producer()
  await Promise.all([admin.connect(), producer.connect()])
})

afterAll(async () => {
  await Promise.all([admin.disconnect(), producer.disconnect()])
  await broker.close()
})

interface Reading {
  readonly consumer: Consumer
  readonly values: string[]
  /** Settles when so many records were read, in all. */
  has(count: number): Promise<void>
}

async function read(groupId: string, topic: string, options: { readUncommitted?: boolean } = {}): Promise<Reading> {
  const consumer = kafka.consumer({
    groupId,
    sessionTimeout: 10_000,
    heartbeatInterval: 100,
    maxWaitTimeInMs: 100,
    ...options,
  })
  const values: string[] = []
  let onRecord = (): void => undefined
  await consumer.connect()
  await consumer.subscribe({ topic, fromBeginning: true })
  await consumer.run({
    autoCommitThreshold: 1,
    eachMessage: async ({ message }) => {
      values.push(String(message.value))
      onRecord()
    },
  })
  const has = (count: number) =>
    new Promise<void>((resolve) => {
      onRecord = () => {
        if (values.length >= count) resolve()
      }
      onRecord()
    })
  return { consumer, values, has }
}

const send = (topic: string, ...values: string[]) =>
  producer.send({ topic, messages: values.map((value) => ({ value })) })

test('a group goes on where it has committed', async () => {
  await send('go-on', 'a', 'b')
  const first = await read('go-on', 'go-on')
  await first.has(2)
  await first.consumer.disconnect()
  expect(await admin.fetchOffsets({ groupId: 'go-on', topics: ['go-on'] })).toEqual([
    { topic: 'go-on', partitions: [{ partition: 0, offset: '2', metadata: null }] },
  ])
  await send('go-on', 'c')
  const second = await read('go-on', 'go-on')
  await second.has(1)
  await second.consumer.disconnect()
  expect([first.values, second.values]).toEqual([['a', 'b'], ['c']])
})

test('two members share the partitions, and one takes over when the other leaves', async () => {
  await admin.createTopics({ topics: [{ topic: 'shared', numPartitions: 4 }] })
  const first = await read('shared', 'shared')
  const second = await read('shared', 'shared')
  const membersOf = async () => (await admin.describeGroups(['shared'])).groups[0]
  await expect.poll(async () => (await membersOf())?.state).toBe('Stable')
  await expect.poll(async () => (await membersOf())?.members.length).toBe(2)
  const messages = Array.from({ length: 40 }, (_, i) => ({ value: `${i}`, partition: i % 4 }))
  await producer.send({ topic: 'shared', messages })
  await expect.poll(() => first.values.length + second.values.length).toBe(40)
  expect(first.values).toHaveLength(20)
  await first.consumer.disconnect()
  await producer.send({ topic: 'shared', messages })
  await second.has(60)
  expect((await membersOf())?.members).toHaveLength(1)
  await second.consumer.disconnect()
})

test('groups are listed, their offsets set and deleted', async () => {
  await send('listed', 'a', 'b', 'c')
  const reading = await read('listed', 'listed')
  await reading.has(3)
  await reading.consumer.disconnect()
  expect((await admin.listGroups()).groups).toContainEqual({ groupId: 'listed', protocolType: 'consumer' })
  await admin.setOffsets({ groupId: 'listed', topic: 'listed', partitions: [{ partition: 0, offset: '1' }] })
  const again = await read('listed', 'listed')
  await again.has(2)
  await again.consumer.disconnect()
  expect(again.values).toEqual(['b', 'c'])
  await admin.deleteGroups(['listed'])
  expect((await admin.listGroups()).groups.map(({ groupId }) => groupId)).not.toContain('listed')
})

test('a consumer sees committed transactions only, and their offsets', async () => {
  const transactional = kafka.producer({ transactionalId: 'pipe', idempotent: true, maxInFlightRequests: 1 })
  await transactional.connect()
  const pass = async (value: string, outcome: 'commit' | 'abort', offset: string) => {
    const transaction = await transactional.transaction()
    await transaction.send({ topic: 'out', messages: [{ value }] })
    const topics = [{ topic: 'in', partitions: [{ partition: 0, offset }] }]
    await transaction.sendOffsets({ consumerGroupId: 'pipe', topics })
    await transaction[outcome]()
  }
  await send('in', 'x', 'y', 'z')
  await pass('first', 'commit', '1')
  await pass('second', 'abort', '2')
  expect(await admin.fetchOffsets({ groupId: 'pipe', topics: ['in'] })).toMatchObject([
    { partitions: [{ offset: '1' }] },
  ])
  await pass('third', 'commit', '3')
  const reading = await read('reader', 'out')
  await reading.has(2)
  const dirty = await read('dirty-reader', 'out', { readUncommitted: true })
  await dirty.has(3)
  expect([reading.values, dirty.values]).toEqual([
    ['first', 'third'],
    ['first', 'second', 'third'],
  ])
  await Promise.all([reading.consumer.disconnect(), dirty.consumer.disconnect(), transactional.disconnect()])
})
