import type { Time } from '../../time.ts'
import type { AssignedInstance, StreamsAssignment } from './streams-protocol.ts'

/** ms after an assignment in which what others give back is asked for often, and ms between two questions. */
const [handOverMs, handOverBeatMs] = [10_000, 100]
/** ms between two questions of who keeps copies of others' tasks, and so may take over at any time. */
const standbyBeatMs = 1000

/** What a thread was given last, beside its partitions. */
export class AssignedWork {
  readonly #time: Pick<Time, 'now'>
  readonly #onInstances: (instances: readonly AssignedInstance[]) => void
  #activeTasks: ReadonlySet<string> = new Set()
  #standbyTasks: ReadonlySet<string> = new Set()
  #probeAtMs: number | undefined
  #awaitUntilMs = 0
  #askAtMs = 0

  constructor(time: Pick<Time, 'now'>, onInstances: (instances: readonly AssignedInstance[]) => void) {
    this.#time = time
    this.#onInstances = onInstances
  }

  /** Ids of the tasks of which the thread keeps copies. */
  get standbyTasks(): ReadonlySet<string> {
    return this.#standbyTasks
  }

  /** Ids of the tasks that are to be the thread's, when others have given them back. */
  get activeTasks(): ReadonlySet<string> {
    return this.#activeTasks
  }

  accept({ activeTasks, standbyTasks, probingDelayMs, instances }: StreamsAssignment): void {
    this.#activeTasks = new Set(activeTasks)
    this.#standbyTasks = new Set(standbyTasks)
    this.#probeAtMs = probingDelayMs === undefined ? undefined : this.#time.now() + probingDelayMs
    this.#awaitUntilMs = this.#time.now() + handOverMs
    this.#askAtMs = 0
    this.#onInstances(instances)
  }

  /**
   * True when it is time to ask the group whether the assignment holds, without waiting for the next heartbeat: often while tasks that are
   * to be the thread's are not among `tasks`, because nobody processes what another one has given back; and now and then where there are
   * copies of others' tasks.
   */
  mustAsk(tasks: ReadonlyMap<string, unknown>): boolean {
    const now = this.#time.now()
    if (now < this.#askAtMs) return false
    const isAwaiting = now < this.#awaitUntilMs && [...this.#activeTasks].some((taskId) => !tasks.has(taskId))
    if (!isAwaiting && this.#standbyTasks.size === 0) return false
    this.#askAtMs = now + (isAwaiting ? handOverBeatMs : standbyBeatMs)
    return true
  }

  /** True once, when it is time for a rebalance that looks whether copies have caught up. */
  mustProbe(): boolean {
    if (this.#probeAtMs === undefined || this.#time.now() < this.#probeAtMs) return false
    this.#probeAtMs = undefined
    return true
  }
}
