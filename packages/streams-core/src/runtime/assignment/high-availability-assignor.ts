import { placeSticky } from './sticky-placement.ts'
import type {
  ApplicationState,
  ClientAssignment,
  ClientState,
  TaskAssignment,
  TaskAssignor,
  TaskInfo,
} from './task-assignor.ts'

/**
 * The assignor that is used unless another one is set. Tasks are spread evenly, by number, over the threads of all instances, first those with
 * state, then the others. A task stays where it ran; else it goes to who lags least behind its changelogs.
 *
 * A task that has to move to an instance whose copy lags more than `acceptable.recovery.lag` stays with the one that lags least, and
 * its new owner warms up a copy first: `max.warmup.replicas` of them at a time. Each task with state has
 * `num.standby.replicas` copies at instances other than its own, where there are as many.
 * @see org.apache.kafka.streams.processor.internals.assignment.HighAvailabilityTaskAssignor — there tasks are dealt out anew in
 * each assignment, and stay only as long as the members do.
 */
export const highAvailabilityAssignor: TaskAssignor = {
  assign(application) {
    const { configs } = application
    const clients = [...application.clients.values()].sort((a, b) => (a.processId < b.processId ? -1 : 1))
    const tasks = [...application.tasks.values()].sort(
      (a, b) => a.partition - b.partition || a.subtopologyId - b.subtopologyId,
    )
    const stateful = tasks.filter(({ isStateful }) => isStateful)
    const seats = new Map(clients.map((client): [ClientState, Seat] => [client, new Seat()]))

    const targets = placeActive(stateful, clients, () => 0)
    const movements = holdBack(targets, clients, application)
    for (const { task, owner } of movements) seats.get(owner)!.active.push(task.id)
    const stateless = tasks.filter(({ isStateful }) => !isStateful)
    const placed = placeActive(stateless, clients, (client) => seats.get(client)!.active.length)
    for (const [task, client] of placed) seats.get(client)!.active.push(task.id)

    placeStandbys(stateful, clients, seats, configs)
    let warmups = configs.maxWarmupReplicas
    let needsFollowup = false
    for (const { task, target, owner } of movements) {
      if (target === owner) continue
      needsFollowup = true
      const { standby } = seats.get(target)!
      if (standby.has(task.id) || warmups === 0) continue
      standby.add(task.id)
      warmups -= 1
    }
    return { clients: toAssignments(seats), needsFollowup } satisfies TaskAssignment
  },
}

/** What one instance has so far. */
class Seat {
  readonly active: string[] = []
  readonly standby = new Set<string>()

  has(taskId: string): boolean {
    return this.standby.has(taskId) || this.active.includes(taskId)
  }
}

interface Movement {
  readonly task: TaskInfo
  /** Who is to have the task in the end. */
  readonly target: ClientState
  /** Who has it now. */
  readonly owner: ClientState
}

function placeActive(
  tasks: readonly TaskInfo[],
  clients: readonly ClientState[],
  loadOf: (client: ClientState) => number,
): ReadonlyMap<TaskInfo, ClientState> {
  return placeSticky<TaskInfo, ClientState>({
    tasks,
    hosts: clients,
    capacityOf: ({ threadCount }) => threadCount,
    loadOf,
    mayHost: (client, task) => client.mayRun(task.id),
    costOf: (client, task) => {
      if (client.previousActiveTasks.has(task.id)) return -1
      return client.previousStandbyTasks.has(task.id) ? client.lagOf(task.id) : undefined
    },
    groupOf: ({ subtopologyId }) => subtopologyId,
    identityOf: ({ id }) => id,
  })
}

/** Leaves tasks with who lags least, as long as their new owners lag too much. */
function holdBack(
  targets: ReadonlyMap<TaskInfo, ClientState>,
  clients: readonly ClientState[],
  { configs }: ApplicationState,
): readonly Movement[] {
  return [...targets].map(([task, target]) => {
    if (target.lagOf(task.id) <= configs.acceptableRecoveryLag) return { task, target, owner: target }
    let owner = target
    for (const client of clients) {
      if (!client.mayRun(task.id)) continue
      const difference = client.lagOf(task.id) - owner.lagOf(task.id)
      const ranIt = client.previousActiveTasks.has(task.id) && !owner.previousActiveTasks.has(task.id)
      if (difference < 0 || (difference === 0 && ranIt)) owner = client
    }
    const isWorthIt = target.lagOf(task.id) - owner.lagOf(task.id) > configs.acceptableRecoveryLag
    return { task, target, owner: isWorthIt ? owner : target }
  })
}

/** The copies of all tasks: one after the other where each is to differ from those before it in tags, else at once. */
function placeStandbys(
  tasks: readonly TaskInfo[],
  clients: readonly ClientState[],
  seats: ReadonlyMap<ClientState, Seat>,
  { numStandbyReplicas: copies, rackAwareAssignmentTags: tags }: ApplicationState['configs'],
): void {
  if (tags.length === 0) placeCopies(tasks, copies, clients, seats, (client, task) => !seats.get(client)!.has(task.id))
  else {
    for (let round = 0; round < copies; round += 1) {
      const farthest = new Map(tasks.map((task) => [task, farthestClients(task, clients, seats, tags)]))
      placeCopies(tasks, 1, clients, seats, (client, task) => farthest.get(task)!.has(client))
    }
  }
}

interface Copy {
  readonly task: TaskInfo
}

function placeCopies(
  tasks: readonly TaskInfo[],
  copies: number,
  clients: readonly ClientState[],
  seats: ReadonlyMap<ClientState, Seat>,
  mayHave: (client: ClientState, task: TaskInfo) => boolean,
): void {
  const placed = placeSticky<Copy, ClientState>({
    tasks: Array.from({ length: copies }, () => tasks.map((task): Copy => ({ task }))).flat(),
    hosts: clients,
    capacityOf: ({ threadCount }) => threadCount,
    loadOf: (client) => seats.get(client)!.active.length + seats.get(client)!.standby.size,
    mayHost: (client, { task }) => client.mayRun(task.id) && mayHave(client, task),
    costOf: (client, { task }) => {
      const has = client.previousStandbyTasks.has(task.id) || client.previousActiveTasks.has(task.id)
      return has ? client.lagOf(task.id) : undefined
    },
    groupOf: ({ task }) => task.subtopologyId,
    identityOf: ({ task }) => task.id,
  })
  for (const [{ task }, client] of placed) seats.get(client)!.standby.add(task.id)
}

/** Those without the task that differ most in tags from those with it. */
function farthestClients(
  task: TaskInfo,
  clients: readonly ClientState[],
  seats: ReadonlyMap<ClientState, Seat>,
  tags: readonly string[],
): ReadonlySet<ClientState> {
  const holders = clients.filter((client) => seats.get(client)!.has(task.id))
  const free = clients.filter((client) => client.mayRun(task.id) && !holders.includes(client))
  const farthest = Math.max(0, ...free.map((client) => tagsThatDiffer(client, holders, tags)))
  return new Set(free.filter((client) => tagsThatDiffer(client, holders, tags) === farthest))
}

/** In how many of the tags the client differs from all who have the task; a tag that comes first outweighs all that follow. */
function tagsThatDiffer(client: ClientState, holders: readonly ClientState[], tags: readonly string[]): number {
  let weight = 0
  for (const [index, tag] of tags.entries()) {
    const value = client.clientTags.get(tag)
    if (holders.every((holder) => holder.clientTags.get(tag) !== value)) weight += 2 ** (tags.length - index)
  }
  return weight
}

function toAssignments(seats: ReadonlyMap<ClientState, Seat>): ReadonlyMap<string, ClientAssignment> {
  return new Map(
    Array.from(seats, ([{ processId }, { active, standby }]) => [
      processId,
      { activeTasks: active, standbyTasks: [...standby] },
    ]),
  )
}
