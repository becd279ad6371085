import { type Broker, startBroker } from '@millrace/broker'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { Admin, Cluster, FetchSession, Producer, requestFetch } from '../src/index.ts'

let broker: Broker
let cluster: Cluster
const limits = { isolation: 'read_uncommitted', maxWaitMs: 0, maxBytes: 1 << 20, maxPartitionBytes: 1 << 20 } as const

beforeEach(async () => {
  broker = await startBroker({ memory: true })
  cluster = new Cluster({ bootstrap: broker.address })
  for (const name of ['a', 'b']) await new Admin(cluster).createTopic({ name, partitions: 3 })
})

afterEach(async () => {
  await cluster.close()
  await broker.close()
})

const at = (topic: string, partition: number, offset: number) => ({ topic, partition, offset })

async function fetch(session: FetchSession, ...positions: ReturnType<typeof at>[]): Promise<string[]> {
  const leader = await cluster.leaderOf(positions[0]!)
  const answers = await requestFetch(cluster, leader, positions, limits, session)
  return answers.flatMap(({ topic, partition, errorCode, batches }) =>
    errorCode !== 0 ? [`${topic}-${partition} ${errorCode}`] : batches.byteLength > 0 ? [`${topic}-${partition}`] : [],
  )
}

const produce = (topic: string, partition: number) =>
  new Producer(cluster).send({ topic, partition, key: null, value: Buffer.from('x') })

test('only what has changed is said again, and what is left out is forgotten', () => {
  const session = new FetchSession()
  const idOf = (topic: string) => `id-${topic}`
  const all = [at('a', 0, 0), at('a', 1, 0), at('b', 0, 5)]
  expect(session.next(all, idOf)).toEqual({ sessionId: 0, sessionEpoch: 0, changed: all, forgotten: [] })
  session.answered(7)
  const moved = [at('a', 0, 3), at('b', 0, 5), at('b', 1, 0)]
  expect(session.next(moved, idOf)).toEqual({
    sessionId: 7,
    sessionEpoch: 1,
    changed: [moved[0], moved[2]],
    forgotten: [{ topic: 'a', topicId: 'id-a', partition: 1, offset: 0 }],
  })
  session.answered(7)
  expect(session.next(moved, idOf)).toMatchObject({ sessionEpoch: 2, changed: [], forgotten: [] })
  expect(session.next(moved, () => 'made-anew')).toMatchObject({ sessionEpoch: 0, changed: moved })
  session.failed()
  expect(session.next(moved, idOf)).toMatchObject({ sessionId: 0, sessionEpoch: 0, changed: moved })
})

test('what nothing is known of is answered, also where nothing is new', async () => {
  const session = new FetchSession()
  const positions = [at('a', 0, 0), at('b', 1, 0)]
  const leader = await cluster.leaderOf(positions[0]!)
  const answered = async (...wanted: { topic: string; partition: number; offset: number; needsAnswer?: boolean }[]) =>
    (await requestFetch(cluster, leader, wanted, limits, session)).map(
      ({ topic, partition }) => `${topic}-${partition}`,
    )
  expect((await answered(...positions)).sort()).toEqual(['a-0', 'b-1'])
  expect(await answered(...positions)).toEqual([])
  expect(await answered(positions[0]!, { ...positions[1]!, needsAnswer: true })).toContain('b-1')
})

test('partitions that are not named again are still read', async () => {
  const session = new FetchSession()
  const positions = [at('a', 0, 0), at('a', 2, 0), at('b', 1, 0)]
  expect(await fetch(session, ...positions)).toEqual([])
  await produce('b', 1)
  await produce('a', 2)
  expect((await fetch(session, ...positions)).sort()).toEqual(['a-2', 'b-1'])
  expect(await fetch(session, at('a', 0, 0), at('a', 2, 1))).toEqual([])
  await produce('b', 1)
  await produce('a', 0)
  expect(await fetch(session, at('a', 0, 0), at('a', 2, 1))).toEqual(['a-0'])
  expect(await fetch(session, at('b', 1, 0), at('a', 2, 1))).toEqual(['b-1'])
})

test.each(['FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH'] as const)(
  'after %s a new session is begun',
  async (error) => {
    const session = new FetchSession()
    await fetch(session, at('a', 0, 0))
    await produce('a', 0)
    broker.control(1, { error }, { times: 1 })
    expect(await fetch(session, at('a', 0, 0))).toEqual(['a-0'])
  },
)
