import { expect, test } from 'vitest'
import { highAvailabilityAssignor } from '../../src/runtime/assignment/high-availability-assignor.ts'
import type { ClientState, TaskInfo } from '../../src/runtime/assignment/task-assignor.ts'

// A task that moves is given back in one generation and given to its new owner in the next one (KIP-429). The assignments of
// the two are made of different states; they must come to an end.

/** The same numbers for the same seed. */
function seededRandom(seed: number): () => number {
  let state = seed
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 2 ** 32
  }
}

interface Client {
  readonly id: string
  readonly threads: number
  active: Set<string>
  standby: Set<string>
  /** Closed copies in the state directory. */
  stored: Set<string>
  lags: Map<string, number>
}

function stateOf({ id, threads, active, standby, stored, lags }: Client, size: number): ClientState {
  return {
    processId: id,
    threadCount: threads,
    clientTags: new Map(),
    previousActiveTasks: active,
    previousStandbyTasks: new Set([...standby, ...stored].filter((task) => !active.has(task))),
    lagOf: (task) => (active.has(task) ? 0 : (lags.get(task) ?? size)),
    mayRun: () => true,
  }
}

test.each(Array.from({ length: 200 }, (_, seed) => seed + 1))('hand-overs come to an end (seed %i)', (seed) => {
  const random = seededRandom(seed)
  const below = (limit: number) => Math.floor(random() * limit)
  const tasks = new Map<string, TaskInfo>()
  for (let partition = 0; partition < 2 + below(8); partition += 1) {
    for (let subtopologyId = 0; subtopologyId < 1 + below(3); subtopologyId += 1) {
      const id = `${subtopologyId}_${partition}`
      const isStateful = random() < 0.7
      tasks.set(id, { id, subtopologyId, partition, isStateful, inputPartitions: [], changelogPartitions: [] })
    }
  }
  const configs = {
    numStandbyReplicas: below(3),
    maxWarmupReplicas: 2,
    acceptableRecoveryLag: below(2) * 100,
    rackAwareAssignmentTags: [],
  }
  const keepsState = random() < 0.5
  const size = 50
  const fresh = (number: number): Client => ({
    id: `client-${number}`,
    threads: 1 + below(2),
    active: new Set(),
    standby: new Set(),
    stored: new Set(),
    lags: new Map(),
  })
  let clients = [fresh(0)]
  for (let event = 0; event < 6; event += 1) {
    if (event > 0 && (clients.length < 2 || random() < 0.6)) clients = [...clients, fresh(event)]
    else if (event > 0) clients.splice(below(clients.length), 1)
    let rounds = 0
    for (let isMoving = true; isMoving; rounds += 1) {
      expect(rounds).toBeLessThan(12)
      const states = new Map(clients.map((client) => [client.id, stateOf(client, size)]))
      const assigned = highAvailabilityAssignor.assign({ tasks, clients: states, configs }).clients
      const owners = new Map(clients.flatMap(({ id, active }) => [...active].map((task) => [task, id])))
      isMoving = false
      for (const client of clients) {
        const { activeTasks, standbyTasks } = assigned.get(client.id)!
        const before = client.active
        client.active = new Set(activeTasks.filter((task) => (owners.get(task) ?? client.id) === client.id))
        const gaveBack = [...before].filter((task) => !client.active.has(task))
        // Who gives something back asks for the next generation; so does a copy that has warmed up.
        if (gaveBack.length > 0) isMoving = true
        for (const task of [...gaveBack, ...client.standby]) if (keepsState) client.stored.add(task)
        for (const task of gaveBack) client.lags.set(task, 0)
        for (const task of standbyTasks) {
          if ((client.lags.get(task) ?? size) > 0) isMoving = true
          client.lags.set(task, Math.max(0, (client.lags.get(task) ?? size) - (20 + below(30))))
        }
        // The new owner keeps its copy until it is given the task.
        const awaited = activeTasks.filter((task) => !client.active.has(task) && tasks.get(task)!.isStateful)
        client.standby = new Set([...standbyTasks, ...awaited])
        if (!keepsState) for (const task of client.lags.keys()) if (!client.standby.has(task)) client.lags.delete(task)
      }
    }
    expect(clients.flatMap(({ active }) => [...active]).sort()).toEqual([...tasks.keys()].sort())
  }
})
