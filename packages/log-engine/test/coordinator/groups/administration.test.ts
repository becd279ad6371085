import { describe, expect, it } from 'vitest'
import { code, GroupFixture, settle, subscriptionTo, text } from './group-fixture.ts'

async function open(config = {}) {
  const fixture = await GroupFixture.open(config)
  const member = fixture.member.bind(fixture)
  return { fixture, engine: fixture.engine, groups: fixture.engine.groups, member }
}

describe('describing a group', () => {
  it('shows members with their metadata and assignments while it is Stable, without them otherwise', async () => {
    const { fixture, groups, member } = await open()
    const one = member('one', { clientHost: '/10.0.0.1', groupInstanceId: 'i1' })
    await fixture.stable(one)
    const described = groups.describe('g')!
    expect(described).toMatchObject({
      groupId: 'g',
      state: 'Stable',
      protocolType: 'consumer',
      protocolName: 'range',
      generationId: 1,
    })
    expect(described.members).toMatchObject([
      { memberId: one.memberId, groupInstanceId: 'i1', clientId: 'one', clientHost: '/10.0.0.1' },
    ])
    expect(text(described.members[0]!.assignment)).toBe(`1:${one.memberId}`)
    expect(described.members[0]!.metadata).toEqual(subscriptionTo('t'))
    void member('two').join()
    await settle()
    const rebalancing = groups.describe('g')!
    expect(rebalancing).toMatchObject({ state: 'PreparingRebalance', protocolName: '' })
    expect(rebalancing.members.map((one) => one.metadata.length + one.assignment.length)).toEqual([0, 0])
    await one.join()
    expect(groups.describe('g')).toMatchObject({ state: 'CompletingRebalance', protocolName: '' })
  })

  it('knows groups that only committed offsets, and nothing of others', async () => {
    const { engine, groups } = await open()
    await engine.commitOffsets({ groupId: 's' }, [{ topic: 't', partition: 0, offset: 1 }])
    expect(groups.describe('s')).toEqual({
      groupId: 's',
      type: 'classic',
      state: 'Empty',
      protocolType: '',
      protocolName: '',
      generationId: 0,
      members: [],
    })
    expect(groups.describe('none')).toBeUndefined()
  })
})

describe('listing groups', () => {
  it('is by group id, of the states that are asked for', async () => {
    const { fixture, engine, groups, member } = await open()
    const [one, two] = [member('one', { groupId: 'b' }), member('two', { groupId: 'c', protocolType: 'connect' })]
    await fixture.stable(one)
    await two.join()
    await engine.commitOffsets({ groupId: 'a' }, [{ topic: 't', partition: 0, offset: 1 }])
    await one.commit(1)
    const [a, b, c] = [
      { groupId: 'a', type: 'classic', protocolType: '', state: 'Empty' },
      { groupId: 'b', type: 'classic', protocolType: 'consumer', state: 'Stable' },
      { groupId: 'c', type: 'classic', protocolType: 'connect', state: 'CompletingRebalance' },
    ]
    expect(groups.list()).toEqual([a, b, c])
    expect(groups.list(['Stable', 'empty'])).toEqual([a, b])
    expect(groups.list(['COMPLETINGREBALANCE'])).toEqual([c])
    expect(groups.list(['Dead'])).toEqual([])
  })
})

describe('deleting a group', () => {
  it('takes its offsets with it, once it has no members', async () => {
    const { fixture, engine, groups, member } = await open()
    const one = member('one')
    await fixture.stable(one)
    await one.commit(5)
    expect(() => groups.delete('g')).toThrow(code('NON_EMPTY_GROUP'))
    const joining = one.join()
    expect(() => groups.delete('g')).toThrow(code('NON_EMPTY_GROUP'))
    await joining
    one.leave()
    groups.delete('g')
    expect(groups.list()).toEqual([])
    expect(engine.fetchOffsets('g', null)).toEqual([])
    expect(() => groups.delete('g')).toThrow(code('GROUP_ID_NOT_FOUND'))
    expect(() => groups.delete('')).toThrow(code('INVALID_GROUP_ID'))
    await fixture.restart()
    expect(fixture.engine.groups.list()).toEqual([])
    const again = member('again')
    await again.join()
    expect(again.generationId).toBe(1)
  })

  it('is possible for one that only committed offsets, or where a member was only told its id', async () => {
    const { engine, groups, member } = await open()
    await engine.commitOffsets({ groupId: 's' }, [{ topic: 't', partition: 0, offset: 1 }])
    groups.delete('s')
    const { memberId } = await groups.join(member('one').request).catch((error) => error)
    groups.delete('g')
    expect(groups.list()).toEqual([])
    await expect(groups.join({ ...member('one').request, memberId })).rejects.toThrow(code('UNKNOWN_MEMBER_ID'))
  })
})
