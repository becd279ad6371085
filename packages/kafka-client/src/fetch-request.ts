import { fetchApi, type ResponseOf } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import { Cluster } from './cluster.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** A place in a partition. */
export interface FetchPosition extends TopicPartition {
  readonly offset: number
}

/** What one fetch has brought for one partition, as it came. */
export interface FetchAnswer extends FetchPosition {
  /** 0: none. */
  readonly errorCode: number
  readonly highWatermark: number
  readonly lastStableOffset: number
  /** Whole batches, the first perhaps beginning before `offset`; the last may be cut off. */
  readonly batches: Uint8Array
  /** null under `read_uncommitted`. */
  readonly abortedTransactions: readonly { readonly producerId: bigint; readonly firstOffset: number }[] | null
}

/** Bounds of one fetch. */
export interface FetchLimits {
  readonly isolation: 'read_uncommitted' | 'read_committed'
  /** How long the broker waits for data. */
  readonly maxWaitMs: number
  readonly maxBytes: number
  readonly maxPartitionBytes: number
}

type PartitionAnswer = ResponseOf<typeof fetchApi>['responses'][number]['partitions'][number]

/**
 * Fetches from one broker what it has at positions of partitions that it leads. Partitions are only in the answer when the
 * broker says something about them.
 * @throws KafkaClientError when the whole request fails
 */
export async function requestFetch(
  cluster: Cluster,
  leader: number,
  positions: readonly FetchPosition[],
  limits: FetchLimits,
): Promise<FetchAnswer[]> {
  const { isolation, maxWaitMs, maxBytes, maxPartitionBytes } = limits
  const positionsOf = byTopic(positions)
  const topics = await Promise.all([...positionsOf.keys()].map((topic) => cluster.topic(topic)))
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
  const answer = await cluster.request(leader, fetchApi, request, { maxVersion, waitMs: maxWaitMs })
  throwIfError(answer.errorCode, 'Fetch')
  const names = new Map(topics.map(({ name, topicId }) => [topicId, name]))
  const offsets = new Map(positions.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]))
  return answer.responses.flatMap(({ topic, topicId, partitions }) => {
    const name = topic || names.get(topicId)
    if (name === undefined) throw new KafkaClientError('UNKNOWN_TOPIC_ID', `Fetch answered topic ${topicId}.`)
    return partitions.map((one) => answerOf(name, offsets.get(`${name}/${one.partitionIndex}`) ?? 0, one))
  })
}

function answerOf(topic: string, offset: number, answer: PartitionAnswer): FetchAnswer {
  const { partitionIndex: partition, errorCode, highWatermark, lastStableOffset, abortedTransactions } = answer
  const batches = answer.records ?? new Uint8Array(0)
  return { topic, partition, offset, errorCode, highWatermark, lastStableOffset, batches, abortedTransactions }
}
