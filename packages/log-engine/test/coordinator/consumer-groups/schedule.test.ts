import { expect, it } from 'vitest'
import { ConsumerFixture, converge, TestConsumer } from './consumer-fixture.ts'

function randomFrom(seed: number): (below: number) => number {
  let state = seed
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * below)
  }
}

/** No partition has two holders, by what the members were told and have not given up. */
function assertOneHolder(consumers: Iterable<TestConsumer>, seed: number): void {
  const holders = new Map<string, string>()
  for (const { memberId, holds } of consumers) {
    for (const partition of holds) {
      expect(holders.get(partition), `${partition}, seed ${seed}`).toBeUndefined()
      holders.set(partition, memberId)
    }
  }
}

it.each([1, 2, 3, 4, 5, 6, 7, 8])(
  'partitions have one holder at any time, and all have one in the end (seed %i)',
  async (seed) => {
    const random = randomFrom(seed)
    const fixture = await ConsumerFixture.open({ t: 7, u: 3, v: 1 })
    const consumers = new Map<string, TestConsumer>()
    let names = 0
    for (let step = 0; step < 100; step++) {
      const all = [...consumers.values()]
      const one = all[random(all.length)]
      switch (random(8)) {
        case 0: {
          const topicNames = [['t'], ['t', 'u'], ['t', 'u', 'v']][random(3)]!
          const serverAssignor = random(2) === 0 ? 'range' : 'uniform'
          const joining = new TestConsumer(fixture, `m${names++}`, { topicNames, serverAssignor })
          if (all.length < 6) consumers.set(joining.memberId, joining)
          if (all.length < 6) joining.join()
          break
        }
        case 1:
          if (one === undefined) break
          one.leave()
          consumers.delete(one.memberId)
          break
        case 2:
          if (random(6) === 0) await fixture.restart()
          break
        case 3:
          // Starts again under the same id, without what it held.
          one?.join()
          break
        default:
          one?.heartbeat()
      }
      assertOneHolder(consumers.values(), seed)
    }
    const all = [...consumers.values()]
    converge(...all)
    assertOneHolder(all, seed)
    const group = fixture.engine.consumerGroups.describe('g')
    if (all.length === 0) return
    expect(group?.state, `seed ${seed}`).toBe('Stable')
    const topics = new Set(all.flatMap(({ request }) => request.topicNames ?? []))
    const wanted = [...topics].flatMap((name) =>
      Array.from({ length: fixture.engine.describeTopic(name)!.partitions }, (_, partition) => `${name}-${partition}`),
    )
    expect(all.flatMap(({ holds }) => holds).sort(), `seed ${seed}`).toEqual(wanted.sort())
    if (group?.assignorName === 'uniform' && topics.size === 1) {
      const sizes = all.map(({ holds }) => holds.length)
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1)
    }
    await fixture.engine.close()
  },
)
