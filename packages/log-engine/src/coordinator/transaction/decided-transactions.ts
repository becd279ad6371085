import type { PartitionLog } from '../../log/partition-log.ts'
import type { TransactionMetadata, TransactionOutcome } from './transaction-metadata.ts'

/** What a producer has open in a partition, and how it was decided. */
interface OpenTransaction {
  readonly firstOffset: number
  outcome: TransactionOutcome | undefined
}

/**
 * How transactions ended whose markers are lacking, found while the coordinator's log is read. A loss of power can take a
 * marker from a partition, with all that followed it there, and leave the records which say that it was written. The end
 * offsets in the prepare records tell which transaction it is that a partition still has open: the first decision with an
 * end above where it begins. Only the decisions of the last run count: each run begins with writing what was lacking, and
 * making it durable in all partitions that had decisions.
 */
export class DecidedTransactions {
  /** Names of the partitions in transactions that the last run has ended. */
  readonly partitions = new Set<string>()
  readonly #open = new Map<string, OpenTransaction>()
  #leaderEpoch = -1

  constructor(partitions: Iterable<PartitionLog>) {
    for (const { name, producers } of partitions) {
      for (const producerId of producers.openProducerIds) {
        const firstOffset = producers.entry(producerId)!.transactionFirstOffset!
        this.#open.set(keyOf(producerId, name), { firstOffset, outcome: undefined })
      }
    }
  }

  /** Takes note of a record from a batch of this leader epoch, which rises with each run that follows a crash. */
  note(transaction: TransactionMetadata, leaderEpoch: number): void {
    if (leaderEpoch > this.#leaderEpoch) {
      this.#leaderEpoch = leaderEpoch
      this.partitions.clear()
      for (const open of this.#open.values()) open.outcome = undefined
    }
    const outcome = preparedOutcome(transaction)
    if (outcome === undefined) return
    for (const [partition, endOffset] of transaction.endOffsets) {
      this.partitions.add(partition)
      const open = this.#open.get(keyOf(transaction.producerId, partition))
      if (open !== undefined && open.firstOffset < endOffset) open.outcome ??= outcome
    }
  }

  /** How the transaction that a producer has open in a partition was decided; undefined when it was not. */
  find(producerId: bigint, partition: string): TransactionOutcome | undefined {
    return this.#open.get(keyOf(producerId, partition))?.outcome
  }
}

/** The outcome of a transaction that is being ended; undefined in every other state. */
export function preparedOutcome({ status }: Pick<TransactionMetadata, 'status'>): TransactionOutcome | undefined {
  return status === 'prepare-commit' ? 'commit' : status === 'prepare-abort' ? 'abort' : undefined
}

function keyOf(producerId: bigint, partition: string): string {
  return `${producerId} ${partition}`
}
