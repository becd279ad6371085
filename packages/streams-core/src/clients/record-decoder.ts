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
 * Decodes what a fetch from a position gave, as much at a time as is wanted: skips records before the position, control batches and
 * the records of aborted transactions. Keys and values are views into the fetched bytes.
 */
export class FetchDecoder {
  readonly #reader: RecordBatchReader
  readonly #filter: AbortedTransactionFilter
  readonly #from: number
  /** True within a batch that is visible. */
  #isInBatch = false
  #nextOffset: number
  #isDone = false

  constructor(fetched: FetchedBatches, position: number) {
    const { buffer, byteOffset, length } = fetched.batches
    // An array, of which views are cheaper than those of a Buffer.
    this.#reader = new RecordBatchReader(new Uint8Array(buffer, byteOffset, length))
    this.#filter = new AbortedTransactionFilter(fetched.abortedTransactions)
    this.#from = position
    this.#nextOffset = position
  }

  /** The position after what was decoded so far. */
  get nextOffset(): number {
    return this.#nextOffset
  }

  get isDone(): boolean {
    return this.#isDone
  }

  /** The next records, at most so many. */
  next(maxRecords: number): DecodedFetch {
    const records: ConsumerRecord[] = []
    const reader = this.#reader
    while (!this.#isDone && records.length < maxRecords) {
      if (this.#isInBatch) this.#decodeBatch(records, maxRecords)
      else if (!reader.nextBatch()) this.#isDone = true
      else if (this.#filter.isVisible(reader)) this.#isInBatch = true
      else this.#passOver(reader.lastOffset)
    }
    return { records, nextOffset: this.#nextOffset }
  }

  #decodeBatch(records: ConsumerRecord[], maxRecords: number): void {
    const reader = this.#reader
    while (records.length < maxRecords) {
      if (!reader.nextRecord()) {
        this.#isInBatch = false
        this.#passOver(reader.lastOffset)
        return
      }
      const { offset } = reader
      if (offset < this.#from) continue
      records.push({
        offset,
        timestamp: reader.timestamp,
        key: reader.key,
        value: reader.value,
        headers: reader.hasHeaders ? Headers.of(reader.headers) : Headers.empty,
      })
      this.#nextOffset = offset + 1
    }
  }

  #passOver(lastOffset: number): void {
    if (lastOffset >= this.#nextOffset) this.#nextOffset = lastOffset + 1
  }
}

/** Decodes all that a fetch from `position` gave. */
export function decodeFetch(fetched: FetchedBatches, position: number): DecodedFetch {
  return new FetchDecoder(fetched, position).next(Number.POSITIVE_INFINITY)
}

/** The position after all batches that a fetch from `position` gave. */
export function endOfFetch({ batches }: FetchedBatches, position: number): number {
  const reader = new RecordBatchReader(batches)
  let end = position
  while (reader.nextBatch()) end = Math.max(end, reader.lastOffset + 1)
  return end
}
