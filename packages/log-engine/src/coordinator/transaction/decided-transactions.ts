import type { PartitionLog } from '../../log/partition-log.ts'
import type { TransactionMetadata, TransactionOutcome } from './transaction-metadata.ts'

/**
 * How transactions ended whose markers are lacking, found while the coordinator's log is read. A loss of power can take a
 * marker from a partition and leave the records which say that it was written; the first offsets in the prepare records
 * tell which transaction it is that a partition still has open. Only the decisions of the last run count: each run begins
 * with writing what was lacking, and making it durable in all partitions that had decisions.
 */
export class DecidedTransactions {
  /** Names of the partitions in transactions that the last run has ended. */
  readonly partitions = new Set<string>()
  /** What partitions have open, and how it was decided. */
  readonly #open = new Map<string, TransactionOutcome | undefined>()
  #leaderEpoch = -1

  constructor(partitions: Iterable<PartitionLog>) {
    for (const { name, producers } of partitions) {
      for (const producerId of producers.openProducerIds) {
        this.#open.set(keyOf(producerId, name, producers.entry(producerId)!.transactionFirstOffset!), undefined)
      }
    }
  }

  /** Takes note of a record from a batch of this leader epoch, which rises with each run that follows a crash. */
  note(transaction: TransactionMetadata, leaderEpoch: number): void {
    if (leaderEpoch > this.#leaderEpoch) {
      this.#leaderEpoch = leaderEpoch
      this.partitions.clear()
      for (const key of this.#open.keys()) this.#open.set(key, undefined)
    }
    const outcome = preparedOutcome(transaction)
    if (outcome === undefined) return
    for (const [partition, firstOffset] of transaction.firstOffsets) {
      this.partitions.add(partition)
      const key = keyOf(transaction.producerId, partition, firstOffset)
      if (this.#open.has(key)) this.#open.set(key, outcome)
    }
  }

  /** How the transaction that a producer has open in a partition was decided; undefined when it was not. */
  find(producerId: bigint, partition: string, firstOffset: number): TransactionOutcome | undefined {
    return this.#open.get(keyOf(producerId, partition, firstOffset))
  }
}

/** The outcome of a transaction that is being ended; undefined in every other state. */
export function preparedOutcome({ status }: Pick<TransactionMetadata, 'status'>): TransactionOutcome | undefined {
  return status === 'prepare-commit' ? 'commit' : status === 'prepare-abort' ? 'abort' : undefined
}

function keyOf(producerId: bigint, partition: string, firstOffset: number): string {
  return `${producerId} ${partition} ${firstOffset}`
}
