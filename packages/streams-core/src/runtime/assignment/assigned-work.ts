import type { Time } from '../../time.ts'
import type { AssignedInstance, StreamsAssignment } from './streams-protocol.ts'

/** What a thread was given last, beside its partitions. */
export class AssignedWork {
  readonly #time: Time
  readonly #onInstances: (instances: readonly AssignedInstance[]) => void
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

  accept({ standbyTasks, probingDelayMs, instances }: StreamsAssignment): void {
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
