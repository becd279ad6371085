import { describe, expect, it } from 'vitest'
import { code, GroupFixture, settle, stateOf, subscriptionTo, type TestMember } from './group-fixture.ts'

async function open(config = {}) {
  const fixture = await GroupFixture.open(config)
  const member = fixture.member.bind(fixture)
  return { fixture, time: fixture.time, groups: fixture.engine.groups, member }
}

/** Two static members, `leader` leads. */
async function twoStatic() {
  const setUp = await open()
  const leader = setUp.member('leader', { groupInstanceId: 'i1' })
  const follower = setUp.member('follower', { groupInstanceId: 'i2' })
  await setUp.fixture.stable(leader, follower)
  expect(leader.isLeader).toBe(true)
  return { ...setUp, leader, follower }
}

/** The process of a static member, started again. */
const restarted = (fixture: GroupFixture, { name, request }: TestMember, changes = {}): TestMember =>
  fixture.member(`${name}-again`, { ...request, clientId: `${name}-again`, ...changes })

describe('a static member', () => {
  it('needs no second request to enter, and its id begins with its instance id', async () => {
    const { groups, member } = await open()
    const joined = await groups.join(member('one', { groupInstanceId: 'i1' }).request)
    expect(joined).toMatchObject({ generationId: 1, memberId: expect.stringMatching(/^i1-[0-9a-f-]{36}$/) })
    expect(joined.members).toMatchObject([{ groupInstanceId: 'i1' }])
  })

  it('that starts again takes its place without a rebalance; its former self is fenced', async () => {
    const { fixture, groups, leader, follower } = await twoStatic()
    const { generationId } = follower
    const assigned = await follower.sync()
    const again = restarted(fixture, follower)
    const joined = await again.join()
    expect(joined).toMatchObject({ generationId, leader: leader.memberId, skipAssignment: false, members: [] })
    expect(again.memberId).not.toBe(follower.memberId)
    expect(await again.sync()).toBe(assigned)
    expect(groups.describe('g')).toMatchObject({ state: 'Stable', generationId })
    expect(
      groups
        .describe('g')!
        .members.map(({ memberId }) => memberId)
        .sort(),
    ).toEqual([leader.memberId, again.memberId].sort())
    leader.heartbeat()
    again.heartbeat()
    expect(() => follower.heartbeat()).toThrow(code('FENCED_INSTANCE_ID'))
    await expect(follower.join()).rejects.toThrow(code('FENCED_INSTANCE_ID'))
    await expect(follower.sync()).rejects.toThrow(code('FENCED_INSTANCE_ID'))
    await expect(follower.commit(1)).rejects.toThrow(code('FENCED_INSTANCE_ID'))
    expect(follower.leave()).toBe('FENCED_INSTANCE_ID')
    await again.commit(1)
  })

  it('that leads and starts again is told to leave the assignment alone', async () => {
    const { fixture, leader, follower } = await twoStatic()
    const assigned = await leader.sync()
    const again = restarted(fixture, leader)
    const joined = await again.join()
    expect(joined).toMatchObject({ skipAssignment: true, leader: again.memberId, generationId: leader.generationId })
    expect(joined.members.length).toBe(2)
    expect(await again.sync()).toBe(assigned)
    follower.heartbeat()
  })

  it('that leads and cannot be told that is told of its former self as leader', async () => {
    const { fixture, leader } = await twoStatic()
    const again = restarted(fixture, leader, { supportsSkippingAssignment: false })
    const joined = await again.join()
    expect(joined).toMatchObject({ skipAssignment: false, leader: leader.memberId, members: [] })
    // It leads all the same: when it joins again the group rebalances.
    const rejoined = again.join()
    expect(await stateOf(rejoined)).toBe('pending')
  })

  it('that starts again with other protocols makes the group choose anew', async () => {
    const { fixture, groups, leader, follower } = await twoStatic()
    const metadata = subscriptionTo('t')
    const protocols = [
      { name: 'sticky', metadata },
      { name: 'range', metadata },
    ]
    // The leader has only 'range', so that the choice stays.
    const first = restarted(fixture, follower, { protocols })
    await first.join()
    expect(groups.describe('g')!.state).toBe('Stable')
    // Now both prefer 'sticky'.
    const second = restarted(fixture, leader, { protocols })
    const joining = second.join()
    expect(await stateOf(joining)).toBe('pending')
    expect(groups.describe('g')!.state).toBe('PreparingRebalance')
    await first.join()
    expect((await joining).protocolName).toBe('sticky')
  })

  it('that starts again between the join phase and the assignment causes a rebalance', async () => {
    const { fixture, groups, leader, follower } = await twoStatic()
    const joins = [leader.join(), follower.join()]
    await Promise.all(joins)
    const again = [leader.join(), follower.join()]
    await Promise.all(again)
    const syncing = follower.sync()
    await settle()
    const restartedFollower = restarted(fixture, follower)
    const joining = restartedFollower.join()
    await expect(syncing).rejects.toThrow(code('FENCED_INSTANCE_ID'))
    expect(groups.describe('g')!.state).toBe('PreparingRebalance')
    await Promise.all([leader.join(), joining])
  })

  it('that starts again while its former self waits to join fences it', async () => {
    const { fixture, leader, follower } = await twoStatic()
    const waiting = leader.join()
    await settle()
    const again = restarted(fixture, leader)
    const joining = again.join()
    await expect(waiting).rejects.toThrow(code('FENCED_INSTANCE_ID'))
    await follower.join()
    expect(await joining).toMatchObject({ leader: again.memberId, skipAssignment: false })
  })

  it('keeps its place when it is silent during a join phase, until its session ends', async () => {
    const { time, groups, member, fixture } = await open()
    const options = { rebalanceTimeoutMs: 20_000, sessionTimeoutMs: 45_000 }
    const [one, two] = [member('one', options), member('two', { ...options, groupInstanceId: 'i2' })]
    await fixture.stable(one, two)
    expect(two.isLeader).toBe(true)
    const joining = one.join({ protocols: [{ name: 'range', metadata: subscriptionTo('t', 'u') }] })
    await settle()
    time.advance(20_000)
    const joined = await joining
    expect(joined.leader).toBe(one.memberId)
    expect(new Set(joined.members.map(({ groupInstanceId }) => groupInstanceId))).toEqual(new Set([null, 'i2']))
    await one.sync()
    expect(groups.describe('g')!.state).toBe('Stable')
    one.heartbeat()
    time.advance(19_999)
    one.heartbeat()
    time.advance(1)
    // It has not synced within the rebalance time-out.
    expect(groups.describe('g')).toMatchObject({ state: 'PreparingRebalance', members: [{ clientId: 'one' }] })
  })

  it('alone in its group and silent is waited for, and then the group is empty', async () => {
    const { time, groups, member, fixture } = await open()
    const options = { rebalanceTimeoutMs: 10_000, sessionTimeoutMs: 45_000 }
    const [one, two] = [member('one', { ...options, groupInstanceId: 'i1' }), member('two', options)]
    await fixture.stable(one, two)
    two.leave()
    time.advance(44_999)
    expect(groups.describe('g')).toMatchObject({ state: 'PreparingRebalance', members: [{ clientId: 'one' }] })
    time.advance(1)
    expect(groups.describe('g')).toMatchObject({ state: 'Empty', members: [] })
  })

  it('is taken out by an administrator who knows its instance id only', async () => {
    const { groups, leader, follower } = await twoStatic()
    const members = [{ memberId: '', groupInstanceId: 'i2' }]
    expect(groups.leave({ groupId: 'g', members })).toEqual([{ ...members[0], error: 'NONE' }])
    expect(() => leader.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
    expect(() => follower.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('does not enter under a member id that the group does not have', async () => {
    const { member } = await twoStatic()
    const stranger = member('x', { groupInstanceId: 'i9' })
    stranger.memberId = 'i9-1'
    await expect(stranger.join()).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('that was replaced is replaced after a restart too', async () => {
    const { fixture, leader, follower } = await twoStatic()
    const again = restarted(fixture, leader)
    await again.join()
    const before = fixture.engine.groups.describe('g')
    await fixture.restart()
    expect(fixture.engine.groups.describe('g')).toEqual(before)
    again.heartbeat()
    follower.heartbeat()
    expect(() => leader.heartbeat()).toThrow(code('FENCED_INSTANCE_ID'))
    // It still leads.
    expect(await stateOf(again.join())).toBe('pending')
  })
})
