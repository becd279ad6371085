/** What is placed, and on what. */
export interface Placement<Task, Host> {
  /** In the order in which those without a place are given one. */
  readonly tasks: readonly Task[]
  /** In the order in which equals are preferred. */
  readonly hosts: readonly Host[]
  /** How much of the work the host can take, relative to others; above 0. */
  capacityOf(host: Host): number
  /** Tasks that the host has already. */
  loadOf(host: Host): number
  mayHost(host: Host, task: Task): boolean
  /** How badly the task suits the host; undefined: it has nothing of the task; below 0: it runs the task. */
  costOf(host: Host, task: Task): number | undefined
  /** Tasks with the same group are spread where that costs nothing. */
  groupOf(task: Task): unknown
  /** A host has one of those with the same identity at most. */
  identityOf(task: Task): unknown
}

interface Seat<Task, Host> {
  readonly host: Host
  readonly capacity: number
  readonly base: number
  readonly tasks: Task[]
  readonly identities: Set<unknown>
}

/**
 * Gives every task one host: first the one that it costs least at, or for a task that nobody has anything of the one with the
 * least load; then tasks move from hosts with more load than others, as few and as cheap as possible, until no move makes it more even. A
 * task that no host may have is absent.
 */
export function placeSticky<Task, Host>(placement: Placement<Task, Host>): Map<Task, Host> {
  const seats = placement.hosts.map(
    (host): Seat<Task, Host> => ({
      host,
      capacity: placement.capacityOf(host),
      base: placement.loadOf(host),
      tasks: [],
      identities: new Set(),
    }),
  )
  const homeless: Task[] = []
  for (const task of placement.tasks) {
    const home = cheapest(placement, seats, task)
    if (home === undefined) homeless.push(task)
    else seatAt(placement, home, task)
  }
  for (const task of homeless) {
    const seat = leastLoaded(placement, seats, task)
    if (seat !== undefined) seatAt(placement, seat, task)
  }
  while (moveOne(placement, seats));
  const placed = new Map<Task, Host>()
  for (const { host, tasks } of seats) for (const task of tasks) placed.set(task, host)
  return placed
}

function seatAt<Task, Host>({ identityOf }: Placement<Task, Host>, seat: Seat<Task, Host>, task: Task): void {
  seat.tasks.push(task)
  seat.identities.add(identityOf(task))
}

function mayTake<Task, Host>(
  { mayHost, identityOf }: Placement<Task, Host>,
  { host, identities }: Seat<Task, Host>,
  task: Task,
): boolean {
  return !identities.has(identityOf(task)) && mayHost(host, task)
}

function loadOf<Task, Host>({ base, tasks, capacity }: Seat<Task, Host>, more = 0): number {
  return (base + tasks.length + more) / capacity
}

function cheapest<Task, Host>(
  placement: Placement<Task, Host>,
  seats: readonly Seat<Task, Host>[],
  task: Task,
): Seat<Task, Host> | undefined {
  let found: Seat<Task, Host> | undefined
  let least = Infinity
  for (const seat of seats) {
    const cost = placement.costOf(seat.host, task)
    if (cost === undefined || !mayTake(placement, seat, task)) continue
    const isBetter = cost < least || (cost === least && found !== undefined && loadOf(seat) < loadOf(found))
    if (found !== undefined && !isBetter) continue
    found = seat
    least = cost
  }
  return found
}

function leastLoaded<Task, Host>(
  placement: Placement<Task, Host>,
  seats: readonly Seat<Task, Host>[],
  task: Task,
): Seat<Task, Host> | undefined {
  const { groupOf } = placement
  const group = groupOf(task)
  const inGroup = (seat: Seat<Task, Host>): number => seat.tasks.filter((other) => groupOf(other) === group).length
  let found: Seat<Task, Host> | undefined
  for (const seat of seats) {
    if (!mayTake(placement, seat, task)) continue
    if (found === undefined) found = seat
    else {
      const difference = loadOf(seat, 1) - loadOf(found, 1)
      if (difference < 0 || (difference === 0 && inGroup(seat) < inGroup(found))) found = seat
    }
  }
  return found
}

/** A host that has nothing of a task is worse than any that lags. */
const strangeCost = 1e12

/**
 * What runs stays rather than what does not: a task that was given back for another host, and waits for the next assignment, goes
 * there, and does not send others away in its place.
 */
function costOfLeaving(cost: number | undefined): number {
  if (cost === undefined) return 0
  return cost < 0 ? 10 * strangeCost : 1
}

/** Moves the cheapest task that makes the load more even; false when there is none. */
function moveOne<Task, Host>(placement: Placement<Task, Host>, seats: readonly Seat<Task, Host>[]): boolean {
  const { costOf, identityOf } = placement
  const fullest = [...seats].sort((a, b) => loadOf(b) - loadOf(a))
  const roomiest = [...seats].sort((a, b) => loadOf(a, 1) - loadOf(b, 1))
  for (const from of fullest) {
    for (const to of roomiest) {
      if (loadOf(from) <= loadOf(to, 1)) break
      let chosen = -1
      let least = Infinity
      for (const [index, task] of from.tasks.entries()) {
        if (!mayTake(placement, to, task)) continue
        const cost = costOfLeaving(costOf(from.host, task)) + (costOf(to.host, task) ?? strangeCost)
        if (cost > least) continue
        least = cost
        chosen = index
      }
      if (chosen < 0) continue
      const [task] = from.tasks.splice(chosen, 1) as [Task]
      from.identities.delete(identityOf(task))
      seatAt(placement, to, task)
      return true
    }
  }
  return false
}
