import { expect, it } from 'vitest'
import { GroupFixture, settle } from './group-fixture.ts'

const names = (count: number, prefix: string) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)

it('a hundred groups of ten members rebalance at the same time, and survive a restart', async () => {
  const fixture = await GroupFixture.open()
  const groups = names(100, 'g').map((groupId) => names(10, 'm').map((name) => fixture.member(name, { groupId })))
  await Promise.all(groups.map((members) => fixture.stable(...members)))
  const { engine } = fixture
  expect(engine.groups.list(['Stable']).length).toBe(100)

  // In every group one falls silent, one leaves, and the others come together again.
  fixture.time.advance(6000)
  for (const members of groups) for (const member of members.slice(1)) member.heartbeat()
  fixture.time.advance(4000)
  expect(engine.groups.list(['PreparingRebalance']).length).toBe(100)
  for (const members of groups) expect(members[9]!.leave()).toBe('NONE')
  const remaining = groups.map((members) => members.slice(1, 9))
  await Promise.all(remaining.flat().map((member) => member.join()))
  await Promise.all(remaining.flat().map((member) => member.sync()))
  await settle()
  for (const members of remaining) {
    const described = engine.groups.describe(members[0]!.request.groupId)!
    expect(described.state).toBe('Stable')
    expect(described.members.map(({ memberId }) => memberId).sort()).toEqual(
      members.map(({ memberId }) => memberId).sort(),
    )
    expect(new Set(members.map(({ generationId }) => generationId))).toEqual(new Set([described.generationId]))
    expect(members.filter(({ isLeader }) => isLeader).length).toBe(1)
  }
  const before = engine.groups.list().map(({ groupId }) => engine.groups.describe(groupId))
  await fixture.restart()
  const restarted = fixture.engine.groups
  expect(restarted.list().map(({ groupId }) => restarted.describe(groupId))).toEqual(before)
})

it('one group of five hundred members comes together', async () => {
  const fixture = await GroupFixture.open({ initialRebalanceDelayMs: 3000 })
  const members = names(500, 'm').map((name) => fixture.member(name))
  const joins = members.map((member) => member.join())
  await settle()
  for (let i = 0; i < 3; i++) fixture.time.advance(3000)
  await Promise.all(joins)
  expect(members.filter(({ joined }) => joined!.members.length === 500).length).toBe(1)
  await Promise.all(members.map((member) => member.sync()))
  expect(fixture.engine.groups.describe('g')).toMatchObject({ state: 'Stable', generationId: 1 })
})
