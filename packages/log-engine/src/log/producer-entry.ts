/** One of the last batches of an idempotent producer, kept to answer its retries. */
export interface ProducerBatch {
  readonly baseSequence: number
  /** Inclusive; wraps to 0 after 2^31 - 1. */
  readonly lastSequence: number
  readonly baseOffset: number
  readonly lastOffset: number
  /** The greatest of the batch; Unix ms. */
  readonly timestamp: number
}

/** What a partition knows of one producer id. */
export interface ProducerEntry {
  readonly producerId: bigint
  readonly producerEpoch: number
  /** At most five, oldest first; empty after a marker that raised the epoch. */
  readonly batches: readonly ProducerBatch[]
  /** When the partition last heard of it; Unix ms. */
  readonly lastTimestamp: number
  readonly coordinatorEpoch: number
  /** Where its open transaction begins in this partition; undefined when it has none here. */
  readonly transactionFirstOffset: number | undefined
}

/** Retries are recognised among so many batches of a producer. */
export const retainedBatches = 5

/** The sequence number after this one. */
export function nextSequence(sequence: number): number {
  return (sequence + 1) & 0x7fffffff
}
