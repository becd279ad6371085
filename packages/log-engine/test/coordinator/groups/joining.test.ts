import { describe, expect, it } from 'vitest'
import { code, GroupFixture, settle, stateOf, subscriptionTo, text } from './group-fixture.ts'

const metadata = subscriptionTo('t')

describe('a new member', () => {
  it('is told its id first, and joins with it', async () => {
    const { engine, member } = await open()
    const one = member('one')
    const first = engine.groups.join(one.request)
    await expect(first).rejects.toMatchObject({
      code: 'MEMBER_ID_REQUIRED',
      memberId: expect.stringMatching(/^one-[0-9a-f-]{36}$/),
    })
    const joined = await one.join()
    expect(joined).toEqual({
      generationId: 1,
      protocolType: 'consumer',
      protocolName: 'range',
      leader: one.memberId,
      memberId: one.memberId,
      skipAssignment: false,
      members: [{ memberId: one.memberId, groupInstanceId: null, metadata }],
    })
  })

  it('of an old client joins with its first request', async () => {
    const { member } = await open()
    const joined = await member('old', { requiresKnownMemberId: false, rebalanceTimeoutMs: -1 }).join()
    expect(joined).toMatchObject({ generationId: 1, memberId: expect.stringMatching(/^old-/) })
  })

  it('that does not come back with its id is forgotten after a session time-out', async () => {
    const { engine, time, member } = await open()
    const given = await engine.groups.join(member('one').request).catch((error) => error.memberId)
    expect(engine.groups.list()).toMatchObject([{ groupId: 'g', state: 'Empty' }])
    time.advance(10_000)
    await expect(engine.groups.join({ ...member('one').request, memberId: given })).rejects.toThrow(
      code('UNKNOWN_MEMBER_ID'),
    )
    expect(engine.groups.list()).toEqual([])
    expect(engine.groups.describe('g')).toBeUndefined()
  })

  it('holds up the join phase until it has come, or is forgotten', async () => {
    const { engine, time, member, fixture } = await open()
    const one = member('one')
    await fixture.stable(one)
    const given = await engine.groups.join(member('two').request).catch((error) => error.memberId)
    expect(given).toMatch(/^two-/)
    const again = one.join()
    expect(await stateOf(again)).toBe('pending')
    time.advance(10_000)
    expect(await again).toMatchObject({ generationId: 2, members: [{ memberId: one.memberId }] })
  })

  it('whose first join is lost is dropped after five minutes, and may come again', async () => {
    const { time, member, fixture } = await open()
    const options = { sessionTimeoutMs: 400_000, rebalanceTimeoutMs: 1_200_000 }
    const one = member('one', options)
    await fixture.stable(one)
    const joining = member('two', options).join()
    expect(await stateOf(joining)).toBe('pending')
    time.advance(299_999)
    expect(await stateOf(joining)).toBe('pending')
    time.advance(1)
    await expect(joining).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
  })

  it('is refused with an id that the group does not know', async () => {
    const { engine, member, fixture } = await open()
    await expect(engine.groups.join({ ...member('x').request, memberId: 'x-1' })).rejects.toThrow(
      code('UNKNOWN_MEMBER_ID'),
    )
    await fixture.stable(member('one'))
    await expect(engine.groups.join({ ...member('x').request, memberId: 'x-1' })).rejects.toThrow(
      code('UNKNOWN_MEMBER_ID'),
    )
  })
})

describe('a generation', () => {
  it('begins for all at once; only the leader learns who is in it', async () => {
    const { engine, member, fixture } = await open()
    const [one, two, three] = [member('one'), member('two'), member('three')]
    await fixture.stable(one, two, three)
    expect([one, two, three].map(({ generationId }) => generationId)).toEqual(
      [one, one, one].map(() => one.generationId),
    )
    expect([one, two, three].map(({ joined }) => joined!.members.length)).toEqual([3, 0, 0])
    expect(new Set([one, two, three].map(({ leader }) => leader))).toEqual(new Set([one.memberId]))
    expect(engine.groups.describe('g')).toMatchObject({ state: 'Stable', generationId: one.generationId })
  })

  it('takes in whoever has rejoined when the longest rebalance time-out is over', async () => {
    const { engine, time, member, fixture } = await open()
    const long = { sessionTimeoutMs: 100_000 }
    const [one, two] = [
      member('one', { ...long, rebalanceTimeoutMs: 30_000 }),
      member('two', { ...long, rebalanceTimeoutMs: 20_000 }),
    ]
    await fixture.stable(one, two)
    const joining = member('three', { ...long, rebalanceTimeoutMs: 5000 }).join()
    await settle()
    const again = two.join()
    time.advance(29_999)
    expect(await stateOf(joining)).toBe('pending')
    expect(engine.groups.describe('g')!.state).toBe('PreparingRebalance')
    time.advance(1)
    const { leader, generationId } = await joining
    expect((await again).members.length + (await joining).members.length).toBe(2)
    expect(leader).toBe(two.memberId)
    expect(() => one.heartbeat()).toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(generationId).toBe(two.generationId)
  })

  it('follows the session time-out where a client has no rebalance time-out', async () => {
    const { time, member, fixture } = await open()
    const one = member('one', { rebalanceTimeoutMs: -1, sessionTimeoutMs: 30_000 })
    await fixture.stable(one)
    const joining = member('two', { rebalanceTimeoutMs: -1, sessionTimeoutMs: 7000 }).join()
    await settle()
    time.advance(20_000)
    expect(() => one.heartbeat()).toThrow(code('REBALANCE_IN_PROGRESS'))
    time.advance(9999)
    expect(await stateOf(joining)).toBe('pending')
    time.advance(1)
    expect((await joining).members.length).toBe(1)
  })
})

describe('the initial rebalance delay', () => {
  it('gathers members, is put off by each new one, and ends with the rebalance time-out', async () => {
    const { time, member } = await open({ initialRebalanceDelayMs: 3000 })
    const options = { rebalanceTimeoutMs: 8000 }
    const [one, two, three] = [member('one', options), member('two', options), member('three', options)]
    const joins = [one.join()]
    await settle()
    time.advance(2999)
    joins.push(two.join())
    expect(await stateOf(joins[0]!)).toBe('pending')
    time.advance(1)
    expect(await stateOf(joins[0]!)).toBe('pending')
    time.advance(2000)
    joins.push(three.join())
    await settle()
    time.advance(2999)
    expect(await stateOf(joins[0]!)).toBe('pending')
    time.advance(1)
    expect(await stateOf(joins[0]!)).toBe('pending')
    joins.push(member('four', options).join())
    await settle()
    time.advance(2000)
    expect((await Promise.all(joins)).map(({ generationId, members }) => [generationId, members.length])).toEqual([
      [1, 4],
      [1, 0],
      [1, 0],
      [1, 0],
    ])
  })

  it('ends early in no other way, and leaves an empty group when nobody stays', async () => {
    const { engine, time, member } = await open({ initialRebalanceDelayMs: 3000 })
    const one = member('one')
    const joining = one.join()
    await settle()
    expect(engine.groups.describe('g')).toMatchObject({ state: 'PreparingRebalance', members: [{ clientId: 'one' }] })
    expect(one.leave()).toBe('NONE')
    await expect(joining).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
    expect(engine.groups.describe('g')!.state).toBe('PreparingRebalance')
    time.advance(3000)
    expect(engine.groups.describe('g')).toMatchObject({ state: 'Empty', generationId: 1 })
  })

  it('is nothing unless it is set', async () => {
    const { member } = await open()
    expect((await member('one').join()).generationId).toBe(1)
  })
})

describe('a member that joins again', () => {
  it('begins a rebalance of a Stable group when it leads or has something new to say', async () => {
    const { engine, member, fixture } = await open()
    const [one, two] = [member('one'), member('two')]
    await fixture.stable(one, two)
    const { generationId } = one
    expect(await two.join()).toMatchObject({ generationId, members: [], leader: one.memberId })
    expect(engine.groups.describe('g')!.state).toBe('Stable')

    const changed = two.join({ protocols: [{ name: 'range', metadata: subscriptionTo('t', 'u') }] })
    expect(await stateOf(changed)).toBe('pending')
    const leading = await one.join()
    expect(leading.generationId).toBe(generationId + 1)
    expect(leading.members.map((joined) => joined.metadata.length)).toEqual([metadata.length, metadata.length + 3])
    await Promise.all([two.sync(), one.sync()])

    const again = one.join()
    expect(await stateOf(again)).toBe('pending')
    expect(engine.groups.describe('g')!.state).toBe('PreparingRebalance')
    await Promise.all([again, two.join()])
    expect(one.generationId).toBe(generationId + 2)
  })

  it('before it has synced hears the same again, the leader with the members', async () => {
    const { member } = await open()
    const [one, two] = [member('one'), member('two')]
    await one.join()
    const joining = two.join()
    await settle()
    await one.join()
    await joining
    const { generationId, members } = one.joined!
    expect(await one.join()).toMatchObject({ generationId, members })
    expect(await two.join()).toMatchObject({ generationId, members: [] })
    const syncing = two.sync()
    const changed = two.join({ protocols: [{ name: 'range', metadata: Buffer.from('new') }] })
    await expect(syncing).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    await one.join()
    expect((await changed).generationId).toBe(generationId + 1)
  })

  it('while its last request waits gets one answer, to the newer', async () => {
    const { member, fixture } = await open()
    const [one, two] = [member('one'), member('two')]
    await fixture.stable(one, two)
    const lost = one.join()
    expect(await stateOf(lost)).toBe('pending')
    const newer = one.join()
    await expect(lost).rejects.toThrow(code('REBALANCE_IN_PROGRESS'))
    await two.join()
    expect((await newer).members.length).toBe(2)
  })
})

describe('the protocol', () => {
  const protocols = (...names: string[]) => ({
    protocols: names.map((name) => ({ name, metadata: Buffer.from(name) })),
  })

  it('is voted for among those that all members have', async () => {
    const { member, fixture } = await open()
    const one = member('one', protocols('sticky', 'range', 'roundrobin'))
    const two = member('two', protocols('range', 'roundrobin'))
    const three = member('three', protocols('roundrobin', 'range'))
    await fixture.stable(one, two, three)
    expect([one, two, three].map(({ joined }) => joined!.protocolName)).toEqual(['range', 'range', 'range'])
    expect(one.joined!.members.map((joined) => text(joined.metadata))).toEqual(['range', 'range', 'range'])
    expect(two.leave()).toBe('NONE')
    await Promise.all([one.join(), three.join()])
    expect(one.joined!.protocolName).toBe('range')
  })

  it('must be common to all members, of one type', async () => {
    const { engine, member, fixture } = await open()
    const one = member('one', protocols('range'))
    await fixture.stable(one)
    const refused = [
      protocols('sticky'),
      { ...protocols('range'), protocolType: 'connect' },
      protocols(),
      { ...protocols('range'), protocolType: '' },
    ]
    for (const options of refused) {
      await expect(member('two', options).join()).rejects.toThrow(code('INCONSISTENT_GROUP_PROTOCOL'))
    }
    await expect(member('x', { groupId: 'new', ...protocols() }).join()).rejects.toThrow(
      code('INCONSISTENT_GROUP_PROTOCOL'),
    )
    await expect(member('x', { groupId: 'new', protocolType: '' }).join()).rejects.toThrow(
      code('INCONSISTENT_GROUP_PROTOCOL'),
    )
    expect(engine.groups.list()).toMatchObject([{ groupId: 'g', state: 'Stable' }])
  })

  it('may be of another type once the group is empty', async () => {
    const { engine, member, fixture } = await open()
    const one = member('one')
    await fixture.stable(one)
    one.leave()
    await member('worker', { protocolType: 'connect', ...protocols('compatible') }).join()
    expect(engine.groups.list()).toMatchObject([{ protocolType: 'connect' }])
  })
})

describe('bounds', () => {
  it('of the session time-out', async () => {
    const { member } = await open()
    for (const sessionTimeoutMs of [5999, 1_800_001, Number.NaN, -1]) {
      await expect(member('x', { sessionTimeoutMs }).join()).rejects.toThrow(code('INVALID_SESSION_TIMEOUT'))
    }
    for (const sessionTimeoutMs of [6000, 1_800_000]) {
      expect((await member('x', { groupId: `g${sessionTimeoutMs}`, sessionTimeoutMs }).join()).generationId).toBe(1)
    }
  })

  it('of names', async () => {
    const { engine, member } = await open()
    const long = 'x'.repeat(32_768)
    await expect(member('x', { groupId: '' }).join()).rejects.toThrow(code('INVALID_GROUP_ID'))
    await expect(member('x', { groupId: long }).join()).rejects.toThrow(code('INVALID_GROUP_ID'))
    await expect(member('x', { clientId: long }).join()).rejects.toThrow(code('INVALID_REQUEST'))
    await expect(member('x', { groupInstanceId: 'a b' }).join()).rejects.toThrow(code('INVALID_REQUEST'))
    await expect(member('x', { groupInstanceId: '' }).join()).rejects.toThrow(code('INVALID_REQUEST'))
    expect(engine.groups.list()).toEqual([])
  })

  it('of the number of members', async () => {
    const { engine, member, fixture } = await open({ maxSize: 2 })
    const [one, two, three] = [member('one'), member('two'), member('three')]
    await fixture.stable(one, two)
    await expect(three.join()).rejects.toThrow(code('GROUP_MAX_SIZE_REACHED'))
    await two.join()
    expect(engine.groups.describe('g')).toMatchObject({ state: 'Stable' })
    two.leave()
    const entering = three.join()
    await settle()
    const again = one.join()
    await Promise.all([entering, again])
    expect(engine.groups.describe('g')!.members.length).toBe(2)
  })

  it('of the number of members lets out the last to rejoin a group that has become too large', async () => {
    const { member, fixture } = await open()
    const members = ['one', 'two', 'three'].map((name) => member(name))
    await fixture.stable(...members)
    await fixture.restart({ maxSize: 2 })
    expect(fixture.engine.groups.describe('g')!.state).toBe('PreparingRebalance')
    const joins = members.map((one) => one.join())
    expect(await Promise.all(joins.map(stateOf))).toEqual(['done', 'done', 'GROUP_MAX_SIZE_REACHED'])
    expect(fixture.engine.groups.describe('g')!.members.length).toBe(2)
  })
})

async function open(config = {}) {
  const fixture = await GroupFixture.open(config)
  return {
    fixture,
    time: fixture.time,
    engine: fixture.engine,
    member: (...[name, options]: Parameters<GroupFixture['member']>) => fixture.member(name, options),
  }
}
