import { readControlRecord } from './control-record.ts'
import type { RecordBatchReader } from './record-batch-reader.ts'

/** A transaction that a fetch response names as aborted. */
export interface AbortedTransactionEntry {
  readonly producerId: bigint
  readonly firstOffset: number
}

/**
 * Tells which batches of one fetch response a `read_committed` reader hands on. Ask for each batch once, in order.
 * @see org.apache.kafka.clients.consumer.internals.CompletedFetch
 */
export class AbortedTransactionFilter {
  readonly #pending: AbortedTransactionEntry[]
  readonly #aborting = new Set<bigint>()

  /** The list of the fetch response, in any order; null under `read_uncommitted`: only control batches are hidden. */
  constructor(aborted: readonly AbortedTransactionEntry[] | null) {
    this.#pending = [...(aborted ?? [])].sort((a, b) => b.firstOffset - a.firstOffset)
  }

  /** False for control batches and for the records of aborted transactions. */
  isVisible(reader: RecordBatchReader): boolean {
    while (this.#pending.length > 0 && this.#pending.at(-1)!.firstOffset <= reader.lastOffset) {
      this.#aborting.add(this.#pending.pop()!.producerId)
    }
    if (reader.isControl) {
      if (this.#aborting.size > 0 && readControlRecord(reader)?.type === 'abort')
        this.#aborting.delete(reader.producerId)
      return false
    }
    return !(this.#aborting.size > 0 && reader.isTransactional && this.#aborting.has(reader.producerId))
  }
}
