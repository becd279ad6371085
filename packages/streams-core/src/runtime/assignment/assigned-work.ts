import type { Time } from '../../time.ts'
import type { AssignedInstance, StreamsAssignment } from './streams-protocol.ts'

/** What a thread was given last, beside its partitions. */
export class AssignedWork {
  readonly #time: Time
  readonly #onInstances: (instances: readonly AssignedInstance[]) => void
  #activeTasks: ReadonlySet<string> = new Set()
  #standbyTasks: ReadonlySet<string> = new Set()
  #probeAtMs: number | undefined

  constructor(time: Time, onInstances: (instances: readonly AssignedInstance[]) => void) {
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
    this.#onInstances(instances)
  }

  /** True once, when it is time for a rebalance that looks whether copies have caught up. */
  mustProbe(): boolean {
    if (this.#probeAtMs === undefined || this.#time.now() < this.#probeAtMs) return false
    this.#probeAtMs = undefined
    return true
  }
}
