import { AbortedTransactionFilter, RecordBatchReader, type RecordHeader } from '@millrace/kafka-protocol'
import { fetchApi, type ResponseOf } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import { Cluster } from './cluster.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

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

/** A place in a partition. */
export interface FetchPosition extends TopicPartition {
  readonly offset: number
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
    const fetched = await Promise.all([...leaders].map(([leader, own]) => this.#fetchFrom(leader, own)))
    return fetched.flat()
  }

  async #fetchFrom(leader: number, positions: readonly FetchPosition[]): Promise<FetchedPartition[]> {
    const { isolation, maxWaitMs, maxBytes, maxPartitionBytes } = this.#options
    const positionsOf = byTopic(positions)
    const topics = await Promise.all([...positionsOf.keys()].map((topic) => this.#cluster.topic(topic)))
    const request = {
      maxWaitMs,
      minBytes: 1,
      maxBytes,
      isolationLevel: isolation === 'read_committed' ? 1 : 0,
      topics: topics.map(({ name, topicId }) => ({
        topic: name,
        topicId,
        partitions: (positionsOf.get(name) ?? []).map(({ partition, offset }) => ({
          partition,
          fetchOffset: offset,
          partitionMaxBytes: maxPartitionBytes,
        })),
      })),
      forgottenTopicsData: [],
    }
    const maxVersion = topics.every((topic) => Cluster.hasTopicId(topic)) ? fetchApi.maxVersion : 12
    const answer = await this.#cluster.request(leader, fetchApi, request, { maxVersion, waitMs: maxWaitMs })
    throwIfError(answer.errorCode, 'Fetch')
    const names = new Map(topics.map(({ name, topicId }) => [topicId, name]))
    const offsets = new Map(positions.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]))
    return answer.responses.flatMap(({ topic, topicId, partitions }) => {
      const name = topic || names.get(topicId)
      if (name === undefined) throw new KafkaClientError('UNKNOWN_TOPIC_ID', `Fetch answered topic ${topicId}.`)
      return partitions.map((one) => this.#decode(name, offsets.get(`${name}/${one.partitionIndex}`) ?? 0, one))
    })
  }

  #decode(
    topic: string,
    position: number,
    answer: ResponseOf<typeof fetchApi>['responses'][number]['partitions'][number],
  ): FetchedPartition {
    const { partitionIndex: partition, errorCode, highWatermark, lastStableOffset } = answer
    // Leaders move, and topics are made again under the same name.
    if (errorCode !== 0) this.#cluster.forget(topic)
    throwIfError(errorCode, `Fetching ${topic}-${partition} from offset ${position}`)
    const records: FetchedRecord[] = []
    let nextOffset = position
    const reader = new RecordBatchReader(answer.records ?? new Uint8Array(0))
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
