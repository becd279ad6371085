import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { run as runAnywhere } from '../run.ts'

let broker: Broker
const run = (args: readonly string[], input?: string) => runAnywhere([...args, '--bootstrap', broker.address], input)
const offsets = async (group: string): Promise<Record<string, unknown>[]> =>
  JSON.parse((await run(['groups', 'describe', group, '--json'])).printed)

beforeAll(async () => {
  broker = await startBroker({ memory: true })
})

afterAll(() => broker.close())

test('a group consumes, commits, and is described with its lag', async () => {
  await run(['produce', 'lines'], 'a\nb\nc\n')
  const consumed = await run(['consume', 'lines', '--group', 'readers', '--from-beginning', '--max-records', '3'])
  expect(consumed.printed).toBe('a\nb\nc')
  await run(['produce', 'lines'], 'd\n')
  expect((await run(['groups', 'list'])).printed).toMatch(/^GROUP +STATE +TYPE\nreaders +Empty +consumer$/)
  expect(await offsets('readers')).toEqual([{ topic: 'lines', partition: 0, offset: 3, end: 4, lag: 1, member: null }])
  expect((await run(['groups', 'describe', 'readers'])).printed).toContain('group readers, Empty, 0 members')
  expect((await run(['consume', 'lines', '--group', 'readers', '--max-records', '1'])).printed).toBe('d')
})

test('a group whose partitions the broker assigns is described too', async () => {
  await run(['topics', 'create', 'assigned', '--partitions', '2'])
  broker.engine.consumerGroups.heartbeat({
    groupId: 'new',
    memberId: 'm1',
    memberEpoch: 0,
    instanceId: null,
    rackId: null,
    rebalanceTimeoutMs: 1000,
    topicNames: ['assigned'],
    topicRegex: null,
    serverAssignor: null,
    ownedPartitions: [],
    clientId: 'c1',
    clientHost: '/127.0.0.1',
    requiresMemberId: true,
  })
  expect((await run(['groups', 'list'])).printed).toMatch(/^new +Stable +consumer$/m)
  const described = await run(['groups', 'describe', 'new', '--members', '--json'])
  expect(JSON.parse(described.printed)).toEqual([
    { member: 'm1', instance: null, client: 'c1', host: '/127.0.0.1', partitions: 'assigned-0 assigned-1' },
  ])
  const left = { groupId: 'new', members: [{ memberId: 'm1', groupInstanceId: null }] }
  expect(broker.engine.groups.leave(left)).toMatchObject([{ error: 'NONE' }])
  expect((await run(['groups', 'delete', 'new'])).printed).toBe('deleted group new')
})

test('offsets are reset, to a place or by a step, when it is said twice', async () => {
  const shown = await run(['groups', 'reset-offsets', 'readers', '--to', 'earliest'])
  expect(shown.printed).toMatch(/lines +0 +0$/)
  expect(shown.complained).toBe('nothing was changed; add --execute')
  expect(await offsets('readers')).toMatchObject([{ offset: 4 }])
  for (const [place, offset] of [
    ['-3', 1],
    ['+1', 2],
    ['99', 4],
    ['earliest', 0],
    ['2999-01-01T00:00:00Z', 4],
  ] as const) {
    await run(['groups', 'reset-offsets', 'readers', `--to=${place}`, '--topic', 'lines:0', '--execute'])
    expect(await offsets('readers')).toMatchObject([{ offset }])
  }
})

test('offsets and groups are deleted', async () => {
  await run(['groups', 'delete-offsets', 'readers', '--topic', 'lines'])
  expect(await offsets('readers')).toEqual([])
  expect((await run(['groups', 'delete', 'readers'])).printed).toBe('deleted group readers')
  expect((await run(['groups', 'describe', 'readers'])).complained).toContain('GROUP_ID_NOT_FOUND')
})

test('an application is reset: its offsets, and its internal topics', async () => {
  await run(['produce', 'in'], 'a\nb\n')
  await run(['consume', 'in', '--group', 'app', '--from-beginning', '--max-records', '2'])
  for (const topic of ['app-counts-changelog', 'app-x-repartition', 'app-other']) await run(['topics', 'create', topic])
  const shown = await run(['reset', 'app'])
  expect(shown.printed.split('\n')).toEqual([
    'offset of in-0 becomes 0',
    'topic app-counts-changelog is deleted',
    'topic app-x-repartition is deleted',
  ])
  expect(await offsets('app')).toMatchObject([{ offset: 2 }])
  await run(['reset', 'app', '--execute'])
  expect(await offsets('app')).toMatchObject([{ offset: 0 }])
  const topics = (await run(['topics', 'list'])).printed
  expect(topics).toContain('app-other')
  expect(topics).not.toContain('changelog')
})
