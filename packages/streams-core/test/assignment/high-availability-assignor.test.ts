import { describe, expect, test } from 'vitest'
import { checkAssignment } from '../../src/runtime/assignment/check-assignment.ts'
import { highAvailabilityAssignor } from '../../src/runtime/assignment/high-availability-assignor.ts'
import type { ApplicationState, AssignmentConfigs } from '../../src/runtime/assignment/task-assignor.ts'
import { application, type TestClient, task } from './application.ts'

const tasks = (...ids: string[]) => ids.map((id) => task(id))
const four = tasks('0_0', '0_1', '0_2', '0_3')

/** `active | standby` by process, in order. */
function assigned(state: ApplicationState): { readonly [processId: string]: string } {
  const assignment = highAvailabilityAssignor.assign(state)
  checkAssignment(state, assignment)
  return Object.fromEntries(
    [...assignment.clients].map(([processId, { activeTasks, standbyTasks }]) => [
      processId,
      `${[...activeTasks].sort().join(' ')} | ${[...standbyTasks].sort().join(' ')}`.trim(),
    ]),
  )
}

describe('tasks', () => {
  test('of a single instance are all its own', () => {
    expect(assigned(application([...four, task('1_0', false)], { a: {} }))).toEqual({ a: '0_0 0_1 0_2 0_3 1_0 |' })
  })

  test('without history are spread, those of each subtopology too', () => {
    const state = application(tasks('0_0', '0_1', '1_0', '1_1'), { a: {}, b: {} })
    expect(assigned(state)).toEqual({ a: '0_0 1_1 |', b: '0_1 1_0 |' })
  })

  test('are spread by the number of threads', () => {
    const state = application(tasks('0_0', '0_1', '0_2', '0_3', '0_4', '0_5'), { a: { threads: 2 }, b: {} })
    const loads = Object.values(assigned(state)).map((text) => text.split(' |')[0]!.split(' ').length)
    expect(loads).toEqual([4, 2])
  })

  test('stay where they ran, and only as many move as have to', () => {
    const before = { a: { active: ['0_0', '0_1'] }, b: { active: ['0_2', '0_3'] } }
    expect(assigned(application(four, before))).toEqual({ a: '0_0 0_1 |', b: '0_2 0_3 |' })
    const alone = { a: { active: ['0_0', '0_1', '0_2', '0_3'] }, b: { copies: { '0_3': 5, '0_1': 7 } } }
    expect(assigned(application(four, alone))).toEqual({ a: '0_0 0_2 |', b: '0_1 0_3 |' })
  })

  test('of an instance that is gone go to who lags least', () => {
    const state = application(tasks('0_0', '0_1'), {
      a: { copies: { '0_1': 3, '0_0': 900 } },
      b: { copies: { '0_0': 4, '0_1': 90 } },
    })
    expect(assigned(state)).toEqual({ a: '0_1 |', b: '0_0 |' })
  })

  test('without state fill up the instances that have fewer with state', () => {
    const state = application([...tasks('0_0'), task('1_0', false), task('1_1', false)], { a: {}, b: {} })
    expect(assigned(state)).toEqual({ a: '0_0 1_1 |', b: '1_0 |' })
  })

  test('are only given to instances whose topology has them', () => {
    const state = application(tasks('0_0', '0_1'), { a: { cannotRun: ['0_0', '0_1'] }, b: {} })
    expect(assigned(state)).toEqual({ a: '|', b: '0_0 0_1 |' })
  })
})

describe('a task whose new owner lags too much', () => {
  const before = { a: { active: ['0_0', '0_1', '0_2', '0_3'] }, b: {} }

  test('stays while the new owner warms up', () => {
    const state = application(four, before)
    expect(assigned(state)).toEqual({ a: '0_0 0_1 0_2 0_3 |', b: '| 0_2 0_3' })
    expect(highAvailabilityAssignor.assign(state).needsFollowup).toBe(true)
  })

  test('moves when it has caught up', () => {
    const state = application(four, { ...before, b: { copies: { '0_2': 9000, '0_3': 10_000 } } })
    expect(assigned(state)).toEqual({ a: '0_0 0_1 |', b: '0_2 0_3 |' })
    expect(highAvailabilityAssignor.assign(state).needsFollowup).toBe(false)
  })

  test('waits when as many as may are warming up', () => {
    expect(assigned(application(four, before, { maxWarmupReplicas: 1 }))).toEqual({
      a: '0_0 0_1 0_2 0_3 |',
      b: '| 0_3',
    })
  })

  test('moves at once when nobody has its state', () => {
    expect(assigned(application(tasks('0_0', '0_1'), { a: {}, b: {} }))).toEqual({ a: '0_0 |', b: '0_1 |' })
  })
})

describe('standby copies', () => {
  test('are with others than the active task', () => {
    const state = application(four, { a: {}, b: {}, c: {} }, { numStandbyReplicas: 1 })
    const texts = Object.values(assigned(state))
    expect(texts.flatMap((text) => text.split('| ')[1]!.split(' ')).sort()).toEqual(['0_0', '0_1', '0_2', '0_3'])
  })

  test('stay where they are', () => {
    const clients = {
      a: { active: ['0_0'], copies: { '0_1': 5 } },
      b: { active: ['0_1'] },
      c: { copies: { '0_0': 5 } },
    }
    expect(assigned(application(tasks('0_0', '0_1'), clients, { numStandbyReplicas: 1 }))).toMatchObject({
      a: '0_0 | 0_1',
      c: '| 0_0',
    })
  })

  test('are as many as there are other instances', () => {
    expect(assigned(application(tasks('0_0'), { a: {}, b: {} }, { numStandbyReplicas: 3 }))).toEqual({
      a: '0_0 |',
      b: '| 0_0',
    })
  })

  test('are in other zones, where there are some', () => {
    const zone = (name: string): TestClient => ({ tags: { zone: name } })
    const clients = { a1: { ...zone('a'), active: ['0_0'] }, a2: zone('a'), b1: zone('b') }
    const configs = { numStandbyReplicas: 1, rackAwareAssignmentTags: ['zone'] }
    expect(assigned(application(tasks('0_0'), clients, configs))).toEqual({ a1: '0_0 |', a2: '|', b1: '| 0_0' })
  })
})

describe('what an assignor of one’s own gives is checked', () => {
  const state = application([...four, task('1_0', false)], { a: {}, b: {} })
  const all = ['0_0', '0_1', '0_2', '0_3', '1_0']
  const given = (clients: { [id: string]: [readonly string[], (readonly string[])?] }) => () =>
    checkAssignment(state, {
      clients: new Map(
        Object.entries(clients).map(([id, [activeTasks, standbyTasks = []]]) => [id, { activeTasks, standbyTasks }]),
      ),
      needsFollowup: false,
    })
  test.each([
    ['a task twice', { a: [all], b: [['0_0']] }, /task 0_0 is active at 'a' and at 'b'/],
    ['a task not at all', { a: [all.slice(1)] }, /nobody has task 0_0/],
    ['an instance that is not there', { c: [all] }, /no instance with process id 'c'/],
    ['a task that is not there', { a: [[...all, '2_0']] }, /no task 2_0/],
    ['a copy with its owner', { a: [all, ['0_0']] }, /as active and as standby task/],
    ['a copy of what has no state', { a: [all], b: [[], ['1_0']] }, /task 1_0 has no state/],
  ] as const)('%s', (_name, clients, message) => {
    expect(given(clients as never)).toThrow(message)
  })
})

describe('properties', () => {
  const rounds = Number(process.env['ASSIGNMENT_ROUNDS'] ?? 100)
  const firstSeed = Number(process.env['ASSIGNMENT_SEED'] ?? 1)

  test(`hold over ${rounds} random groups from ASSIGNMENT_SEED=${firstSeed} on`, () => {
    for (let seed = firstSeed; seed < firstSeed + rounds; seed += 1) checkSeed(seed)
  })

  function checkSeed(seed: number): void {
    const random = randomOf(seed)
    const all = Array.from({ length: 1 + random(4) }, (_, subtopology) => {
      const isStateful = random(3) > 0
      return Array.from({ length: 1 + random(9) }, (_, partition) => task(`${subtopology}_${partition}`, isStateful))
    }).flat()
    const configs: Partial<AssignmentConfigs> = { numStandbyReplicas: random(3), maxWarmupReplicas: 1 + random(4) }
    let clients: { [id: string]: TestClient } = {}
    for (let left = 1 + random(5); left > 0; left -= 1) clients[`c${random(99)}`] = { threads: 1 + random(3) }
    // Generations, in which members come and go: what one assigns is what the next finds.
    for (let generation = 0; generation < 5; generation += 1) {
      const state = application(all, clients, configs)
      const assignment = highAvailabilityAssignor.assign(state)
      const where = `seed ${seed}, generation ${generation}`
      checkAssignment(state, assignment)
      expect(highAvailabilityAssignor.assign(state), where).toEqual(assignment)
      for (const one of all.filter(({ isStateful }) => isStateful)) {
        const copies = [...assignment.clients.values()].filter(({ standbyTasks }) => standbyTasks.includes(one.id))
        const wanted = Math.min(configs.numStandbyReplicas!, state.clients.size - 1)
        expect(copies.length, `copies of ${one.id}, ${where}`).toBeGreaterThanOrEqual(wanted)
      }
      const settled = settle(all, clients, configs, where)
      const loads = Object.entries(settled).map(([, { active = [], threads = 1 }]) => [active.length, threads] as const)
      for (const [many, threads] of loads) {
        for (const [few, others] of loads) {
          expect(many / threads, `balance, ${where}`).toBeLessThanOrEqual((few + 1) / others)
        }
      }
      expect(settle(all, settled, configs, where), `sticky, ${where}`).toEqual(settled)
      clients = { ...settled }
      if (random(2) === 0) clients[`c${random(99)}`] = { threads: 1 + random(3) }
      const [some] = Object.keys(clients)
      if (random(2) === 0 && Object.keys(clients).length > 1) delete clients[some!]
    }
  }

  /** Assigns until no copy is warming up; whatever has a copy catches up in between. */
  function settle(
    all: ReturnType<typeof task>[],
    clients: { readonly [id: string]: TestClient },
    configs: Partial<AssignmentConfigs>,
    where: string,
  ): { [id: string]: TestClient } {
    let now = { ...clients }
    for (let left = 100; left > 0; left -= 1) {
      const { clients: given, needsFollowup } = highAvailabilityAssignor.assign(application(all, now, configs))
      now = Object.fromEntries(
        [...given].map(([id, { activeTasks, standbyTasks }]) => {
          const copies = Object.fromEntries([...standbyTasks].sort().map((taskId) => [taskId, 0]))
          return [id, { ...now[id], active: [...activeTasks].sort(), copies }]
        }),
      )
      if (!needsFollowup) return now
    }
    throw new Error(`Copies warm up without end: ${where}.`)
  }
})

/** Whole numbers below a bound, from a seed. */
function randomOf(seed: number): (bound: number) => number {
  let state = seed
  return (bound) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return Math.floor((state / 2 ** 32) * bound)
  }
}
