import { describe, expect, it } from 'vitest'
import type { GroupConfig } from '../../../src/index.ts'
import { Random } from '../../faults/random.ts'
import { code } from '../groups/group-fixture.ts'
import { ClassicConsumer, type ClassicConsumerOptions, settle } from './classic-consumer.ts'
import { ConsumerFixture, TestConsumer } from './consumer-fixture.ts'

const all = ['t-0', 't-1', 't-2', 't-3']

async function open(config: Partial<GroupConfig> = {}) {
  const fixture = await ConsumerFixture.open({ t: 4 }, config)
  const classic = (options: ClassicConsumerOptions = {}) => new ClassicConsumer(fixture, options)
  const consumer = (memberId: string, request = {}) => new TestConsumer(fixture, memberId, request)
  const listed = () => fixture.engine.groups.list()[0]
  return { fixture, classic, consumer, listed }
}

function held(...members: readonly { readonly holds: readonly string[] }[]): string[] {
  return members.flatMap(({ holds }) => holds).sort()
}

/** Nobody reads what another one reads. */
function checkApart(...members: readonly { readonly holds: readonly string[] }[]): () => void {
  return () => {
    const names = held(...members)
    expect(names).toEqual([...new Set(names)])
  }
}

/** A Stable group of the classic protocol. */
async function stable(...members: ClassicConsumer[]): Promise<void> {
  const entering = members.map((member) => member.enter())
  await settle(members, [])
  await Promise.all(entering)
}

describe('a group of the classic protocol', () => {
  it.each([false, true])(
    'goes on as a consumer group when such a member joins (cooperative: %s)',
    async (isCooperative) => {
      const { fixture, classic, consumer, listed } = await open()
      const [one, two] = [classic({ isCooperative }), classic({ isCooperative })]
      await stable(one, two)
      await one.commit(7, 0)
      const three = consumer('three')
      three.join()
      expect(listed()).toMatchObject({ type: 'consumer' })
      await settle([one, two], [three], checkApart(one, two, three))
      expect(held(one, two, three)).toEqual(all)
      for (const { holds } of [one, two, three]) expect(holds.length).toBeGreaterThan(0)
      expect(listed()).toMatchObject({ state: 'Stable' })
      expect(fixture.engine.consumerGroups.describe('g')!.members.map(({ classic: how }) => how !== null)).toEqual([
        true,
        true,
        false,
      ])
      await one.commit(9, 0)
      await expect(fixture.engine.commitOffsets({ ...one.identity, generationId: 0 }, [])).rejects.toThrow(
        code('ILLEGAL_GENERATION'),
      )
      expect(fixture.engine.fetchOffsets('g', null)).toMatchObject([{ offset: 9 }])
    },
  )

  it('changes over in the middle of a rebalance: who was joining joins the new group', async () => {
    const { classic, consumer } = await open()
    const [one, two] = [classic(), classic()]
    await stable(one)
    const entering = two.enter()
    await new Promise((resolve) => setImmediate(resolve))
    const three = consumer('three')
    three.join()
    await settle([one, two], [three], checkApart(one, two, three))
    await entering
    expect(held(one, two, three)).toEqual(all)
  })

  it.each<[string, Partial<GroupConfig>, ClassicConsumerOptions]>([
    ['its assignor has data of its own', {}, { userData: Buffer.from('mine') }],
    ['that is not wanted', { migrationPolicy: 'downgrade' }, {}],
    ['the group would be too large', { consumerMaxSize: 0 }, {}],
  ])('stays as it is when %s', async (_, config, options) => {
    const { classic, consumer, listed } = await open(config)
    const one = classic(options)
    await stable(one)
    expect(() => consumer('two').join()).toThrow(code('GROUP_ID_NOT_FOUND'))
    expect(listed()).toMatchObject({ type: 'classic', state: 'Stable' })
    await one.step()
    expect(one.holds).toEqual(all)
  })
})

describe('a consumer group', () => {
  it('takes in consumers of the classic protocol, and is one of theirs when the last other member leaves', async () => {
    const { classic, consumer, listed } = await open()
    const [one, two, three] = [consumer('one'), classic(), classic()]
    one.join()
    await one.commit(5)
    await two.enter()
    await three.enter()
    await settle([two, three], [one], checkApart(one, two, three))
    expect(held(one, two, three)).toEqual(all)
    expect(listed()).toMatchObject({ type: 'consumer' })
    one.leave()
    one.owned = []
    expect(listed()).toMatchObject({ type: 'classic', state: 'PreparingRebalance' })
    await settle([two, three], [], checkApart(two, three))
    expect(listed()).toMatchObject({ type: 'classic', state: 'Stable' })
    expect(held(two, three)).toEqual(all)
  })

  it('is one of theirs also when the last other member falls silent, unless that is not wanted', async () => {
    for (const [migrationPolicy, type] of [
      ['bidirectional', 'classic'],
      ['upgrade', 'consumer'],
    ] as const) {
      const { fixture, classic, consumer, listed } = await open({ migrationPolicy })
      const [one, two] = [consumer('one'), classic()]
      one.join()
      await two.enter()
      await settle([two], [one])
      for (let passed = 0; passed < 45_000; passed += 15_000) {
        fixture.time.advance(15_000)
        await two.step()
      }
      expect(listed()).toMatchObject({ type })
    }
  })

  it('survives a restart with members of both protocols', async () => {
    const { fixture, classic, consumer } = await open()
    const [one, two] = [consumer('one'), classic({ isCooperative: true })]
    one.join()
    await two.enter()
    await settle([two], [one])
    const before = [one.holds, two.holds]
    await fixture.restart()
    await settle([two], [one], checkApart(one, two))
    expect([one.holds, two.holds]).toEqual(before)
    await two.commit(3, Number(two.holds[0]!.split('-')[1]))
    one.leave()
    await fixture.restart()
    await settle([two], [])
    expect(two.holds).toEqual(all)
  })

  it('drops classic members that are silent, do not sync, or do not join again when they are told to', async () => {
    const { fixture, classic, consumer } = await open()
    const one = consumer('one')
    one.join()
    const count = () => fixture.engine.consumerGroups.describe('g')!.members.length
    const wait = (ms: number, ...alive: readonly ClassicConsumer[]) => {
      for (let passed = 0; passed < ms; passed += 5000) {
        fixture.time.advance(5000)
        one.heartbeat()
        for (const { identity } of alive) {
          try {
            fixture.engine.groups.heartbeat(identity)
          } catch {
            // It is told to join again, and does not.
          }
        }
      }
    }
    await classic({ sessionTimeoutMs: 10_000 }).enter()
    expect(count()).toBe(2)
    wait(10_000)
    expect(count()).toBe(1)
    const unsynced = classic()
    await expect(unsynced.join()).rejects.toThrow(code('MEMBER_ID_REQUIRED'))
    unsynced.memberId = 'unsynced'
    await unsynced.join()
    wait(55_000, unsynced)
    expect(count()).toBe(2)
    wait(5000, unsynced)
    expect(count()).toBe(1)
    const deaf = classic()
    await deaf.enter()
    await settle([deaf], [one])
    consumer('two').join()
    wait(5000, deaf)
    expect(count()).toBe(3)
    wait(60_000, deaf)
    expect(count()).toBe(1)
  })

  it('refuses classic members that fit in with nobody', async () => {
    const { fixture, classic, consumer } = await open()
    consumer('one').join()
    await classic({ protocolName: 'range' }).enter()
    await expect(classic({ protocolName: 'sticky' }).join()).rejects.toThrow(code('INCONSISTENT_GROUP_PROTOCOL'))
    const stranger = { groupId: 'g', memberId: 'one', groupInstanceId: null, generationId: 1 }
    expect(() => fixture.engine.groups.heartbeat(stranger)).toThrow(code('UNKNOWN_MEMBER_ID'))
    const disabled = await open({ migrationPolicy: 'disabled' })
    disabled.consumer('one').join()
    await expect(disabled.classic().join()).rejects.toThrow(code('INCONSISTENT_GROUP_PROTOCOL'))
  })
})

describe('a static member', () => {
  it('changes its protocol with its next start, and back', async () => {
    const { classic, consumer, listed } = await open()
    const [one, two] = [classic({ groupInstanceId: 'a' }), classic({ groupInstanceId: 'b' })]
    await stable(one, two)
    const next = consumer('next', { instanceId: 'a' })
    next.join()
    expect(next.holds).toEqual(one.holds)
    await settle([two], [next], checkApart(two, next))
    expect(held(two, next)).toEqual(all)
    await expect(one.step()).rejects.toThrow(code('FENCED_INSTANCE_ID'))
    const back = classic({ groupInstanceId: 'a' })
    const entering = back.enter()
    await settle([two, back], [], checkApart(two, back))
    await entering
    expect(listed()).toMatchObject({ type: 'classic', state: 'Stable' })
    expect(held(two, back)).toEqual(all)
    expect(() => next.heartbeat()).toThrow(code('GROUP_ID_NOT_FOUND'))
  })
})

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'members of both protocols come and go: partitions have one reader at any time, and all have one in the end (seed %i)',
  async (seed) => {
    const random = new Random(seed)
    const { fixture, classic, consumer } = await open()
    const classics: ClassicConsumer[] = []
    const consumers: TestConsumer[] = []
    const check = (): void => checkApart(...classics, ...consumers)()
    const takeOne = <T>(from: T[]): T | undefined => from.splice(random.below(from.length), 1)[0]
    for (let step = 0; step < 40; step++) {
      const size = classics.length + consumers.length
      if (size < 4 && random.chance(0.5)) {
        if (random.chance(0.5)) {
          const one = classic({ isCooperative: random.chance(0.5) })
          classics.push(one)
          one.enter().catch(() => undefined)
        } else {
          const one = consumer(`m${step}`)
          consumers.push(one)
          one.join()
        }
      } else if (random.chance(0.4)) {
        const leaving = random.chance(0.5) ? takeOne(classics.filter(({ isBusy }) => !isBusy)) : takeOne(consumers)
        if (leaving instanceof ClassicConsumer) classics.splice(classics.indexOf(leaving), 1)
        leaving?.leave()
      }
      check()
      if (random.chance(0.5)) await settle(classics, consumers, check)
      if (random.chance(0.1)) {
        await settle(classics, consumers, check)
        await fixture.restart()
      }
    }
    await settle(classics, consumers, check)
    if (classics.length + consumers.length > 0) expect(held(...classics, ...consumers)).toEqual(all)
  },
)
