import { type RecordBatchReader, readControlRecord } from '@millrace/kafka-protocol'
import type { AbortedTransactionEntry } from './transaction-index.ts'

/**
 * Tells a cleaner, which shows it all batches of a partition in order, which belong to aborted transactions and which
 * markers have lost all their records.
 * @see org.apache.kafka.storage.internals.log.CleanedTransactionMetadata
 */
export class CleanedTransactions {
  /** By first offset, last first. */
  readonly #coming: AbortedTransactionEntry[]
  readonly #aborted = new Map<bigint, { readonly entry: AbortedTransactionEntry; hasBatches: boolean }>()
  readonly #committed = new Set<bigint>()
  readonly #onAborted: (entry: AbortedTransactionEntry) => void

  /** `onAborted` gets the entries for the transaction index of the cleaned segment. */
  constructor(aborted: readonly AbortedTransactionEntry[], onAborted: (entry: AbortedTransactionEntry) => void) {
    this.#coming = [...aborted].sort((a, b) => b.firstOffset - a.firstOffset)
    this.#onAborted = onAborted
  }

  /** Whether the records of a data batch were aborted. */
  isAborted(batch: RecordBatchReader): boolean {
    this.#advance(batch.lastOffset)
    if (!batch.isTransactional) return false
    const aborted = this.#aborted.get(batch.producerId)
    if (aborted === undefined) {
      this.#committed.add(batch.producerId)
      return false
    }
    aborted.hasBatches = true
    return true
  }

  /** Whether nothing is left of the transaction that a control batch ends. Moves the reader to its record. */
  isMarkerOfNothing(batch: RecordBatchReader): boolean {
    this.#advance(batch.lastOffset)
    if (readControlRecord(batch)?.type !== 'abort') return !this.#committed.delete(batch.producerId)
    const aborted = this.#aborted.get(batch.producerId)
    this.#aborted.delete(batch.producerId)
    if (aborted === undefined || !aborted.hasBatches) return true
    this.#onAborted(aborted.entry)
    return false
  }

  #advance(offset: number): void {
    while (this.#coming.length > 0 && this.#coming.at(-1)!.firstOffset <= offset) {
      const entry = this.#coming.pop()!
      this.#aborted.set(entry.producerId, { entry, hasBatches: false })
    }
  }
}
