import { AbortedTransactionFilter, RecordBatchReader } from '@millrace/kafka-protocol'
import { Headers } from '@millrace/serdes'
import type { ConsumerRecord } from './consumer.ts'

/** What a log has given from some position on. */
export interface FetchedBatches {
  /** Whole batches, the first perhaps beginning before the position. */
  readonly batches: Uint8Array
  /** Those that overlap the batches; null under `read_uncommitted`. */
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: number }[] | null
}

/** The visible records of one fetch, and the position after all of its batches. */
export interface DecodedFetch {
  readonly records: readonly ConsumerRecord[]
  readonly nextOffset: number
}

/**
 * Decodes what a fetch from `position` gave: skips records before the position, control batches and the records of
 * aborted transactions. Keys and values are views into the fetched bytes.
 */
export function decodeFetch(fetched: FetchedBatches, position: number): DecodedFetch {
  const records: ConsumerRecord[] = []
  const reader = new RecordBatchReader(fetched.batches)
  const filter = new AbortedTransactionFilter(fetched.abortedTransactions)
  let nextOffset = position
  while (reader.nextBatch()) {
    nextOffset = Math.max(nextOffset, reader.lastOffset + 1)
    if (!filter.isVisible(reader)) continue
    while (reader.nextRecord()) {
      const { offset } = reader
      if (offset < position) continue
      records.push({
        offset,
        timestamp: reader.timestamp,
        key: reader.key,
        value: reader.value,
        headers: reader.hasHeaders ? Headers.of(reader.headers) : Headers.empty,
      })
    }
  }
  return { records, nextOffset }
}
