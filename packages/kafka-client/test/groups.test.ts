import { type Broker, startBroker } from '@millrace/broker'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Admin, Cluster, GroupAdmin, GroupConsumer, Producer } from '../src/index.ts'

let broker: Broker
let cluster: Cluster
let groups: GroupAdmin
const closing: (() => Promise<void>)[] = []

beforeEach(async () => {
  broker = await startBroker({ memory: true, configs: { 'group.min.session.timeout.ms': '100' } })
  cluster = new Cluster({ bootstrap: broker.address, retryTimeoutMs: 2000 })
  groups = new GroupAdmin(cluster)
  await new Admin(cluster).createTopic({ name: 't', partitions: 2 })
})

afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
  await cluster.close()
  await broker.close()
})

function consumer(groupId: string): GroupConsumer {
  const own = new Cluster({ bootstrap: broker.address, retryTimeoutMs: 2000 })
  closing.push(() => own.close())
  return new GroupConsumer(own, {
    groupId,
    topics: ['t'],
    offsetReset: 'earliest',
    maxWaitMs: 50,
    heartbeatIntervalMs: 30,
  })
}

async function produce(...values: string[]): Promise<void> {
  const producer = new Producer(cluster)
  await Promise.all(
    values.map((value, i) => producer.send({ topic: 't', partition: i % 2, key: null, value: Buffer.from(value) })),
  )
}

async function values(from: GroupConsumer): Promise<string[]> {
  const fetched = await from.poll()
  return fetched.flatMap(({ records }) => records.map((record) => String(record.value)))
}

test('a group goes on where it has committed', async () => {
  await produce('a', 'b')
  const first = consumer('g')
  const read: string[] = []
  while (read.length < 2) read.push(...(await values(first)))
  await first.close()
  expect((await groups.committedOffsets('g')).map(({ offset }) => offset)).toEqual([1, 1])
  await produce('c')
  const second = consumer('g')
  while (read.length < 3) read.push(...(await values(second)))
  await second.close()
  expect(read.sort()).toEqual(['a', 'b', 'c'])
})

test('members share partitions and hand them on without reading twice', async () => {
  const first = consumer('g')
  await first.poll()
  expect((await groups.describeGroup('g')).members.map(({ partitions }) => partitions.length)).toEqual([2])
  const second = consumer('g')
  const joining = second.poll()
  while ((await groups.describeGroup('g')).members.length < 2) await first.poll()
  await Promise.all([joining, first.poll()])
  await expect.poll(async () => (await groups.describeGroup('g')).state).toBe('Stable')
  const { members, protocol } = await groups.describeGroup('g')
  expect(protocol).toBe('range')
  expect(members.map(({ partitions }) => partitions.length)).toEqual([1, 1])
  await produce('a', 'b')
  const read: string[] = []
  while (read.length < 2) read.push(...(await values(first)), ...(await values(second)))
  await first.close()
  while ((await groups.describeGroup('g')).members[0]?.partitions.length !== 2) await second.poll()
  await produce('c', 'd')
  while (read.length < 4) read.push(...(await values(second)))
  expect(read.sort()).toEqual(['a', 'b', 'c', 'd'])
  await second.close()
})

test('groups are listed, their offsets set and deleted, and they themselves', async () => {
  const partition = { topic: 't', partition: 0 }
  await produce('a')
  await groups.setOffsets('g', [{ ...partition, offset: 1 }])
  expect(await groups.listGroups()).toMatchObject([{ groupId: 'g', state: 'Empty' }])
  const member = consumer('g')
  await member.poll()
  await expect(groups.deleteGroup('g')).rejects.toMatchObject({ code: 'NON_EMPTY_GROUP' })
  await expect(groups.setOffsets('g', [{ ...partition, offset: 0 }])).rejects.toMatchObject({
    code: 'UNKNOWN_MEMBER_ID',
  })
  await expect(groups.deleteOffsets('g', [partition])).rejects.toMatchObject({ code: 'GROUP_SUBSCRIBED_TO_TOPIC' })
  await member.close()
  await groups.deleteOffsets('g', [partition])
  expect(await groups.committedOffsets('g', [partition])).toMatchObject([{ offset: -1 }])
  await groups.deleteGroup('g')
  await expect(groups.describeGroup('g')).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' })
  await expect(groups.deleteGroup('g')).rejects.toMatchObject({ code: 'GROUP_ID_NOT_FOUND' })
})
