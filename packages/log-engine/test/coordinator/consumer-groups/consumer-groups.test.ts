import { describe, expect, it } from 'vitest'
import { code } from '../groups/group-fixture.ts'
import { ConsumerFixture, converge, TestConsumer } from './consumer-fixture.ts'

async function open(topics: Readonly<Record<string, number>> = { t: 4 }, config = {}) {
  const fixture = await ConsumerFixture.open(topics, config)
  const consumer = (memberId: string, request = {}) => new TestConsumer(fixture, memberId, request)
  const group = () => fixture.engine.consumerGroups.describe('g')!
  return { fixture, consumer, group }
}

describe('a consumer that joins', () => {
  it('gets all partitions when it is alone, at the first epoch', async () => {
    const { consumer, group } = await open()
    const one = consumer('one')
    expect(one.join()).toMatchObject({ memberId: 'one', memberEpoch: 1, heartbeatIntervalMs: 5000 })
    expect(one.holds).toEqual(['t-0', 't-1', 't-2', 't-3'])
    expect(one.heartbeat()).toMatchObject({ memberEpoch: 1, assignment: null })
    expect(group()).toMatchObject({ state: 'Stable', groupEpoch: 1, assignmentEpoch: 1, assignorName: 'uniform' })
  })

  it('waits for what the others must give up first', async () => {
    const { consumer, group } = await open()
    const [one, two] = [consumer('one'), consumer('two')]
    one.join()
    two.join()
    expect([two.holds, two.epoch]).toEqual([[], 2])
    expect(group().state).toBe('Reconciling')
    // The first is told what it may keep, at the epoch it has.
    one.heartbeat()
    expect(one.epoch).toBe(1)
    expect(one.holds).toHaveLength(2)
    two.heartbeat()
    expect(two.holds).toEqual([])
    one.heartbeat()
    expect(one.epoch).toBe(2)
    two.heartbeat()
    expect([...one.holds, ...two.holds].sort()).toEqual(['t-0', 't-1', 't-2', 't-3'])
    expect(two.holds).toHaveLength(2)
    expect(group().state).toBe('Stable')
  })

  it('must say everything', async () => {
    const { consumer } = await open()
    const one = consumer('one')
    for (const changes of [
      { rebalanceTimeoutMs: -1 },
      { topicNames: null },
      { ownedPartitions: null },
      { ownedPartitions: [{ topicId: 'AAAAAAAAAAAAAAAAAAAAAQ', partitions: [0] }] },
      { memberId: '' },
      { memberEpoch: -3 },
      { memberEpoch: -2 },
      { instanceId: '' },
      { rackId: '' },
      { groupId: '' },
    ]) {
      const full = { memberEpoch: 0, topicNames: ['t'], rebalanceTimeoutMs: 1000, ownedPartitions: [] }
      expect(() => one.send({ ...full, ...changes }), JSON.stringify(changes)).toThrow(code('INVALID_REQUEST'))
    }
    expect(() => one.join({ serverAssignor: 'best' })).toThrow(code('UNSUPPORTED_ASSIGNOR'))
    expect(() => one.heartbeat({ memberEpoch: 3 })).toThrow(code('GROUP_ID_NOT_FOUND'))
    const old = consumer('')
    expect(old.join({ serverAssignor: null, requiresMemberId: false }).memberId).not.toBe('')
  })

  it('is refused by a group that is full', async () => {
    const { consumer } = await open({ t: 2 }, { consumerMaxSize: 1 })
    consumer('one').join()
    expect(() => consumer('two').join()).toThrow(code('GROUP_MAX_SIZE_REACHED'))
  })
})

describe('epochs', () => {
  it('that are not the latest are fenced, but for a member whose answer was lost', async () => {
    const { consumer } = await open()
    const [one, two] = [consumer('one'), consumer('two')]
    one.join()
    two.join()
    converge(one, two)
    expect(one.epoch).toBe(2)
    expect(() => one.heartbeat({ memberEpoch: 3 })).toThrow(code('FENCED_MEMBER_EPOCH'))
    expect(() => one.heartbeat({ memberEpoch: 0.5 })).toThrow(code('FENCED_MEMBER_EPOCH'))
    const three = consumer('three')
    three.join()
    const before = { epoch: two.epoch, owned: two.owned }
    converge(one, two, three)
    expect(two.epoch).toBe(3)
    expect(two.heartbeat({ memberEpoch: before.epoch }).memberEpoch).toBe(3)
    expect(() => two.heartbeat({ memberEpoch: before.epoch, ownedPartitions: null })).toThrow(
      code('FENCED_MEMBER_EPOCH'),
    )
    expect(two.join().memberEpoch).toBe(3)
  })

  it('are checked when offsets are committed and fetched', async () => {
    const { fixture, consumer } = await open()
    const { engine } = fixture
    const one = consumer('one')
    one.join()
    await one.commit(5)
    consumer('two').join()
    one.heartbeat()
    one.heartbeat()
    expect(one.epoch).toBe(2)
    const [, kept] = one.holds[0]!.split('-')
    // It has held the partition since epoch 1.
    await one.commit(6, Number(kept), 1)
    await expect(one.commit(7, 0, 0)).rejects.toThrow(code('STALE_MEMBER_EPOCH'))
    await expect(one.commit(7, 0, 3)).rejects.toThrow(code('STALE_MEMBER_EPOCH'))
    await expect(consumer('who').commit(7, 0, 1)).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    await expect(engine.commitOffsets({ groupId: 'g' }, [{ topic: 't', partition: 0, offset: 1 }])).rejects.toThrow(
      code('UNKNOWN_MEMBER_ID'),
    )
    const member = { memberId: 'one', generationId: 2 }
    expect(engine.fetchOffsets('g', null, { member })).not.toEqual([])
    expect(engine.fetchOffsets('g', null)).not.toEqual([])
    const fetch = (generationId: number, memberId = 'one') =>
      engine.fetchOffsets('g', null, { member: { memberId, generationId } })
    expect(() => fetch(1)).toThrow(code('STALE_MEMBER_EPOCH'))
    expect(() => fetch(2, 'who')).toThrow(code('UNKNOWN_MEMBER_ID'))
  })
})

describe('a consumer that is gone', () => {
  it('has left: the others get its partitions', async () => {
    const { consumer, group } = await open()
    const [one, two] = [consumer('one'), consumer('two')]
    one.join()
    two.join()
    converge(one, two)
    expect(two.leave()).toMatchObject({ memberEpoch: -1, assignment: null })
    expect(() => two.heartbeat({ memberEpoch: 2 })).toThrow(code('UNKNOWN_MEMBER_ID'))
    one.heartbeat()
    expect(one.holds).toHaveLength(4)
    one.leave()
    expect(group()).toMatchObject({ state: 'Empty', members: [] })
  })

  it('was silent for the session time-out, which heartbeats and commits put off', async () => {
    const { fixture, consumer, group } = await open()
    const [one, two, three] = [consumer('one'), consumer('two'), consumer('three')]
    for (const each of [one, two, three]) each.join()
    converge(one, two, three)
    fixture.time.advance(30_000)
    one.heartbeat()
    await two.commit(1, Number(two.holds[0]!.split('-')[1]))
    fixture.time.advance(30_000)
    expect(group().members.map(({ memberId }) => memberId)).toEqual(['one', 'two'])
  })

  it('did not give up its partitions in time', async () => {
    const { fixture, consumer, group } = await open()
    const [one, two] = [consumer('one'), consumer('two')]
    one.join()
    two.join()
    one.heartbeat()
    for (let i = 0; i < 3; i++) {
      fixture.time.advance(20_000)
      // It goes on saying that it holds everything.
      if (i < 2) one.send({})
      two.heartbeat()
    }
    expect(group().members.map(({ memberId }) => memberId)).toEqual(['two'])
    two.heartbeat()
    expect(two.holds).toHaveLength(4)
  })

  it('was taken out by an administrator', async () => {
    const { fixture, consumer, group } = await open()
    const { groups } = fixture.engine
    consumer('one', { instanceId: 'i' }).join()
    const leave = (memberId: string, groupInstanceId: string | null) =>
      groups.leave({ groupId: 'g', members: [{ memberId, groupInstanceId }] })[0]!.error
    expect(leave('who', null)).toBe('UNKNOWN_MEMBER_ID')
    expect(leave('who', 'i')).toBe('FENCED_INSTANCE_ID')
    expect(leave('', 'i')).toBe('NONE')
    expect(group().state).toBe('Empty')
  })
})

describe('a static consumer', () => {
  it('takes over where it was when it has left for a while', async () => {
    const { consumer, group } = await open()
    const [one, two] = [consumer('one', { instanceId: 'a' }), consumer('two', { instanceId: 'b' })]
    one.join()
    two.join()
    converge(one, two)
    const before = one.holds
    const again = consumer('again', { instanceId: 'a' })
    expect(() => again.join()).toThrow(code('UNRELEASED_INSTANCE_ID'))
    expect(one.leave(-2).memberEpoch).toBe(-2)
    expect(again.join().memberEpoch).toBe(2)
    expect(again.holds).toEqual(before)
    expect(group()).toMatchObject({ groupEpoch: 2, state: 'Stable' })
    expect(() => one.heartbeat()).toThrow(code('FENCED_INSTANCE_ID'))
    expect(() => one.leave()).toThrow(code('FENCED_INSTANCE_ID'))
    expect(() => consumer('x', { instanceId: 'c' }).heartbeat({ memberEpoch: 1 })).toThrow(code('UNKNOWN_MEMBER_ID'))
  })
})

describe('topics', () => {
  it('that come, grow or go are noticed at the next heartbeat', async () => {
    const { fixture, consumer } = await open({ t: 1 })
    const one = consumer('one', { topicNames: ['t', 'u'] })
    one.join()
    expect(one.holds).toEqual(['t-0'])
    fixture.engine.createTopic({ name: 'u', partitions: 1 })
    converge(one)
    expect(one.holds).toEqual(['t-0', 'u-0'])
    fixture.engine.createPartitions('t', 2)
    converge(one)
    expect(one.holds).toEqual(['t-0', 't-1', 'u-0'])
    fixture.engine.deleteTopic('u')
    converge(one)
    expect(one.holds).toEqual(['t-0', 't-1'])
    const { epoch } = one
    fixture.engine.createTopic({ name: 'other', partitions: 1 })
    converge(one)
    expect(one.epoch).toBe(epoch)
  })

  it('are found by expression, also those that come later', async () => {
    const { fixture, consumer, group } = await open({ 'a-1': 1, b: 1 })
    const one = consumer('one', { topicNames: [], topicRegex: 'a-.*' })
    one.join({ allowsTopic: (name: string) => name !== 'a-secret' })
    expect(one.holds).toEqual(['a-1-0'])
    fixture.engine.createTopic({ name: 'a-2', partitions: 1 })
    fixture.engine.createTopic({ name: 'a-secret', partitions: 1 })
    fixture.engine.createTopic({ name: 'ba-3', partitions: 1 })
    one.heartbeat({ allowsTopic: (name) => name !== 'a-secret' })
    expect(one.holds).toEqual(['a-1-0', 'a-2-0'])
    expect(group().members[0]).toMatchObject({ topicRegex: 'a-.*', topicNames: [] })
    await fixture.restart()
    one.heartbeat({ allowsTopic: (name) => name !== 'a-secret' })
    expect(one.holds).toEqual(['a-1-0', 'a-2-0'])
    one.heartbeat({ topicRegex: '', topicNames: ['b'] })
    converge(one)
    expect(one.holds).toEqual(['b-0'])
    expect(() => one.heartbeat({ topicRegex: '(' })).toThrow(code('INVALID_REGULAR_EXPRESSION'))
    expect(() => one.heartbeat({ topicRegex: '(?=b)b' })).toThrow(code('INVALID_REGULAR_EXPRESSION'))
  })

  it('are matched in linear time', async () => {
    const { consumer } = await open({ ['a'.repeat(200)]: 1 })
    const one = consumer('one', { topicNames: [], topicRegex: '(a+)+b' })
    one.join()
    expect(one.holds).toEqual([])
  })
})

describe('the assignor', () => {
  it('that most members ask for is used', async () => {
    const { consumer, group } = await open({ t: 5 })
    const [one, two] = [consumer('one', { serverAssignor: 'range' }), consumer('two')]
    one.join()
    two.join()
    converge(one, two)
    expect(group().assignorName).toBe('range')
    expect(one.holds).toEqual(['t-0', 't-1', 't-2'])
    expect(two.holds).toEqual(['t-3', 't-4'])
  })
})

describe('both protocols', () => {
  const classic = {
    groupId: 'g',
    memberId: '',
    groupInstanceId: null,
    clientId: 'c',
    clientHost: '/127.0.0.1',
    sessionTimeoutMs: 10_000,
    rebalanceTimeoutMs: 10_000,
    protocolType: 'consumer',
    protocols: [{ name: 'range', metadata: new Uint8Array(0) }],
    requiresKnownMemberId: false,
    supportsSkippingAssignment: false,
  }

  it('are not mixed in a group with members; one without members changes over and keeps its offsets', async () => {
    const { fixture, consumer, group } = await open()
    const { groups } = fixture.engine
    const one = consumer('one')
    one.join()
    await one.commit(5)
    await expect(groups.join(classic)).rejects.toThrow(code('INCONSISTENT_GROUP_PROTOCOL'))
    expect(groups.describe('g')).toBeUndefined()
    expect(() => groups.delete('g')).toThrow(code('NON_EMPTY_GROUP'))
    expect(groups.list()).toEqual([{ groupId: 'g', type: 'consumer', protocolType: 'consumer', state: 'Stable' }])
    expect(groups.list(['empty'])).toEqual([])
    one.leave()
    const { memberId } = await groups.join(classic)
    expect(groups.list()).toMatchObject([{ type: 'classic' }])
    expect(() => one.join()).toThrow(code('GROUP_ID_NOT_FOUND'))
    groups.leave({ groupId: 'g', members: [{ memberId, groupInstanceId: null }] })
    one.join()
    expect(group().state).toBe('Stable')
    expect(fixture.engine.fetchOffsets('g', null)).toMatchObject([{ offset: 5 }])
  })

  it('deleting takes the offsets along', async () => {
    const { fixture, consumer } = await open()
    const { engine } = fixture
    const one = consumer('one')
    one.join()
    await one.commit(5)
    expect(engine.groups.deleteOffsets('g', [{ topic: 't', partition: 0 }])).toMatchObject([
      { error: 'GROUP_SUBSCRIBED_TO_TOPIC' },
    ])
    one.leave()
    engine.groups.delete('g')
    expect(engine.groups.list()).toEqual([])
    await fixture.restart()
    expect(fixture.engine.groups.list()).toEqual([])
    expect(fixture.engine.fetchOffsets('g', null)).toEqual([])
  })

  it('offsets outlive the members by the retention time, and the group goes with them', async () => {
    const { fixture, consumer } = await open({ t: 1 }, { offsetsRetentionMs: 1000 })
    const { engine } = fixture
    const one = consumer('one')
    one.join()
    await one.commit(5)
    fixture.time.advance(2000)
    await engine.maintain()
    expect(engine.fetchOffsets('g', null)).toMatchObject([{ offset: 5 }])
    one.leave()
    await engine.maintain()
    expect(engine.groups.list()).toEqual([])
  })
})
