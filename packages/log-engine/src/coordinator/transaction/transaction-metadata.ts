import type { ProducerIdentity } from '../../engine-requests.ts'
import type { TopicPartition } from '../../topic-partition.ts'

/**
 * Where a transactional id stands.
 *
 *   empty ─► ongoing ─► prepare-commit ─► complete-commit ─► ongoing …
 *              └──────► prepare-abort ──► complete-abort ──► ongoing …
 *
 * @see org.apache.kafka.coordinator.transaction.TransactionState
 */
export type TransactionStatus =
  | 'empty'
  | 'ongoing'
  | 'prepare-commit'
  | 'prepare-abort'
  | 'complete-commit'
  | 'complete-abort'

/** How a transaction ends. */
export type TransactionOutcome = 'commit' | 'abort'

/** What the log says of one transactional id. */
export interface TransactionMetadata {
  readonly transactionalId: string
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly timeoutMs: number
  readonly status: TransactionStatus
  /** By name; empty unless ongoing or being prepared. */
  readonly partitions: ReadonlyMap<string, TopicPartition>
  /** Where those of its partitions ended that hold records of it, by name, when its outcome was decided; else empty. */
  readonly endOffsets: ReadonlyMap<string, number>
  /**
   * Whose request has ended the transaction and brought about the present epoch (transaction version 2): that request may be
   * repeated. Null when the last end left the epoch alone, and while a transaction is open.
   */
  readonly endedBy: ProducerIdentity | null
  /** The producer id that takes over when the end is complete, for the epochs of the present one are used up; else null. */
  readonly nextProducerId: bigint | null
  /** Unix ms; -1 before the first transaction. */
  readonly startTimestamp: number
  /** Unix ms. */
  readonly lastUpdateTimestamp: number
}
