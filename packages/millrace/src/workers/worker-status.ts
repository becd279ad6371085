import type { KafkaStreamsState } from '@millrace/streams-core'

/** How one worker is doing. */
export interface WorkerStatus {
  /** Counted from 1. */
  readonly worker: number
  /** Of its process; undefined for a thread, and while it does not run. */
  readonly pid: number | undefined
  /** Of its application; undefined while it does not run, or has not said. */
  readonly state: KafkaStreamsState | undefined
  /** How often it was started again. */
  readonly restarts: number
  /** Why it ended last, if it was not asked to; undefined when it never did. */
  readonly lastFailure: string | undefined
}

/** How a pool is doing. */
export interface PoolStatus {
  /**
   * RUNNING when all workers run; REBALANCING while some worker starts, starts again or rebalances; PENDING_SHUTDOWN from `close`
   * on; NOT_RUNNING when all have ended; ERROR when one was given up.
   */
  readonly state: Exclude<KafkaStreamsState, 'CREATED' | 'PENDING_ERROR'>
  readonly workers: readonly WorkerStatus[]
  /** Where the bundled broker of standalone workers listens, for other clients; empty while there is none. */
  readonly brokers: readonly string[]
}
