import { AbortedTransactionFilter, RecordBatchReader, type RecordHeader } from '@millrace/kafka-protocol'
import { throwIfError } from './client-error.ts'
import type { Cluster } from './cluster.ts'
import { type FetchAnswer, type FetchPosition, requestFetch } from './fetch-request.ts'
import type { TopicPartition } from './topic-partition.ts'

/** Options of a fetcher. */
export interface FetcherOptions {
  /** Default `read_uncommitted`. */
  readonly isolation?: 'read_uncommitted' | 'read_committed'
  /** How long a broker waits for data. Default 500. */
  readonly maxWaitMs?: number
  /** Default 50 MiB. */
  readonly maxBytes?: number
  /** Default 1 MiB. */
  readonly maxPartitionBytes?: number
}

/** A record that was fetched. */
export interface FetchedRecord extends TopicPartition {
  readonly offset: number
  /** Unix ms. */
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: readonly RecordHeader[]
}

/** What one fetch has brought for one partition. */
export interface FetchedPartition extends TopicPartition {
  /** In order of offsets; without control records and, under `read_committed`, without those of aborted transactions. */
  readonly records: readonly FetchedRecord[]
  /** Where to go on. */
  readonly nextOffset: number
  readonly highWatermark: number
  readonly lastStableOffset: number
}

/** Reads records from positions that the caller keeps. */
export class Fetcher {
  readonly #cluster: Cluster
  readonly #options: Required<FetcherOptions>

  constructor(cluster: Cluster, options: FetcherOptions = {}) {
    this.#cluster = cluster
    this.#options = {
      isolation: options.isolation ?? 'read_uncommitted',
      maxWaitMs: options.maxWaitMs ?? 500,
      maxBytes: options.maxBytes ?? 52_428_800,
      maxPartitionBytes: options.maxPartitionBytes ?? 1_048_576,
    }
  }

  /**
   * One round: asks the leaders of all positions at once, and settles when all have answered, which is when there is
   * data or `maxWaitMs` have passed. @throws KafkaClientError OFFSET_OUT_OF_RANGE, TOPIC_AUTHORIZATION_FAILED, …
   */
  async fetch(positions: readonly FetchPosition[]): Promise<FetchedPartition[]> {
    const leaders = await this.#cluster.retrying(() => this.#cluster.byLeader(positions))
    const fetched = await Promise.all(
      [...leaders].map(([leader, own]) => requestFetch(this.#cluster, leader, own, this.#options)),
    )
    return fetched.flat().map((answer) => this.#decode(answer))
  }

  #decode(answer: FetchAnswer): FetchedPartition {
    const { topic, partition, offset: position, errorCode, highWatermark, lastStableOffset } = answer
    // Leaders move, and topics are made again under the same name.
    if (errorCode !== 0) this.#cluster.forget(topic)
    throwIfError(errorCode, `Fetching ${topic}-${partition} from offset ${position}`)
    const records: FetchedRecord[] = []
    let nextOffset = position
    const reader = new RecordBatchReader(answer.batches)
    const filter = new AbortedTransactionFilter(answer.abortedTransactions)
    while (reader.nextBatch()) {
      nextOffset = reader.lastOffset + 1
      if (!filter.isVisible(reader)) continue
      while (reader.nextRecord()) {
        const { offset, timestamp, key, value, headers } = reader
        if (offset >= position) records.push({ topic, partition, offset, timestamp, key, value, headers })
      }
    }
    return { topic, partition, records, nextOffset: Math.max(nextOffset, position), highWatermark, lastStableOffset }
  }
}
