import {
  Admin,
  Consumer,
  MessagesStreamFallbackModes,
  MessagesStreamModes,
  ProduceAcks,
  Producer,
  stringDeserializers,
  stringSerializers,
} from '@platformatic/kafka'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Broker, startBroker } from '../../src/index.ts'
import { recordsOf } from '../records.ts'

let broker: Broker
let admin: Admin
let producer: Producer<string, string, string, string>

beforeAll(async () => {
  broker = await startBroker({ memory: true })
  const base = { clientId: 'test', bootstrapBrokers: [broker.address] }
  admin = new Admin(base)
  producer = new Producer({ ...base, serializers: stringSerializers, autocreateTopics: true })
})

afterAll(async () => {
  await producer.close()
  await admin.close()
  await broker.close()
})

test('creates, lists and deletes topics', async () => {
  const [created] = await admin.createTopics({ topics: ['made'], partitions: 2, replicas: 1 })
  expect(created).toMatchObject({ name: 'made', partitions: 2, replicas: 1 })
  expect(created?.id).not.toBe('')
  expect(await admin.listTopics()).toContain('made')
  await admin.deleteTopics({ topics: ['made'] })
  expect(await admin.listTopics()).not.toContain('made')
})

test('produces, idempotently too', async () => {
  const messages = [{ topic: 'produced', key: 'k', value: 'v' }]
  const plain = await producer.send({ messages, acks: ProduceAcks.LEADER })
  expect(plain.offsets).toMatchObject([{ topic: 'produced', partition: 0, offset: 0n }])
  const idempotent = await producer.send({ messages, idempotent: true, acks: ProduceAcks.ALL })
  expect(idempotent.offsets).toMatchObject([{ topic: 'produced', partition: 0, offset: 1n }])
  expect(recordsOf(broker, 'produced')).toMatchObject([{ value: 'v' }, { value: 'v' }])
})

test('consumes as a member of a group and goes on where it has committed', async () => {
  await producer.send({
    messages: ['a', 'b'].map((value) => ({ topic: 'consumed', key: 'k', value })),
    acks: ProduceAcks.ALL,
  })
  const read = async (count: number): Promise<string[]> => {
    const consumer = new Consumer({
      clientId: 'test',
      groupId: 'group',
      bootstrapBrokers: [broker.address],
      deserializers: stringDeserializers,
      maxWaitTime: 50,
      minBytes: 1,
      autocommit: false,
    })
    const stream = await consumer.consume({
      topics: ['consumed'],
      mode: MessagesStreamModes.COMMITTED,
      fallbackMode: MessagesStreamFallbackModes.EARLIEST,
    })
    const values: string[] = []
    for await (const message of stream) {
      values.push(message.value)
      await message.commit()
      if (values.length === count) break
    }
    await consumer.close(true)
    return values
  }
  expect(await read(1)).toEqual(['a'])
  expect(await read(1)).toEqual(['b'])
})
