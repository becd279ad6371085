import { errorName } from '@millrace/kafka-protocol'
import { fetchApi, type ResponseOf } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import { Cluster, type TopicMetadata } from './cluster.ts'
import type { FetchSession } from './fetch-session.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** A place in a partition. */
export interface FetchPosition extends TopicPartition {
  readonly offset: number
  /** Nothing is known of the partition: there has to be an answer, also when there is nothing new. Default false. */
  readonly needsAnswer?: boolean
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

/** The broker has forgotten the session, or counts otherwise: a new one is begun. */
const sessionErrors: readonly string[] = ['FETCH_SESSION_ID_NOT_FOUND', 'INVALID_FETCH_SESSION_EPOCH']

type TopicAnswer = ResponseOf<typeof fetchApi>['responses'][number]
type PartitionAnswer = TopicAnswer['partitions'][number]

/**
 * Fetches from one broker what it has at positions of partitions that it leads. Partitions are only in the answer when the
 * broker says something about them. `session`: of this reader with this broker; only one fetch of a session may be under way.
 * @throws KafkaClientError when the whole request fails
 */
export async function requestFetch(
  cluster: Cluster,
  leader: number,
  positions: readonly FetchPosition[],
  limits: FetchLimits,
  session?: FetchSession,
): Promise<FetchAnswer[]> {
  const { isolation, maxWaitMs, maxBytes, maxPartitionBytes } = limits
  const names = new Set(positions.map(({ topic }) => topic))
  const topics = new Map<string, TopicMetadata>()
  for (const name of names) topics.set(name, await cluster.topic(name))
  const hasIds = [...topics.values()].every((topic) => Cluster.hasTopicId(topic))
  const topicIdOf = (name: string): string => topics.get(name)!.topicId
  const whole = { sessionId: 0, sessionEpoch: -1, changed: positions, forgotten: [] }
  const { sessionId, sessionEpoch, changed, forgotten } = session?.next(positions, topicIdOf) ?? whole
  const request = {
    maxWaitMs,
    minBytes: 1,
    maxBytes,
    isolationLevel: isolation === 'read_committed' ? 1 : 0,
    sessionId,
    sessionEpoch,
    topics: [...byTopic(changed)].map(([name, own]) => ({
      topic: name,
      topicId: topicIdOf(name),
      partitions: own.map(({ partition, offset }) => ({
        partition,
        fetchOffset: offset,
        partitionMaxBytes: maxPartitionBytes,
      })),
    })),
    forgottenTopicsData: [...byTopic(forgotten)].map(([name, own]) => ({
      topic: name,
      topicId: own[0]!.topicId,
      partitions: own.map(({ partition }) => partition),
    })),
  }
  try {
    const maxVersion = hasIds ? fetchApi.maxVersion : 12
    const answer = await cluster.request(leader, fetchApi, request, { maxVersion, waitMs: maxWaitMs })
    if (session !== undefined && sessionErrors.includes(errorName(answer.errorCode))) {
      session.failed()
      return requestFetch(cluster, leader, positions, limits, session)
    }
    throwIfError(answer.errorCode, 'Fetch')
    session?.answered(answer.sessionId)
    return answersOf(answer.responses, topics, positions)
  } catch (error) {
    session?.failed()
    throw error
  }
}

function answersOf(
  responses: readonly TopicAnswer[],
  topics: ReadonlyMap<string, TopicMetadata>,
  positions: readonly FetchPosition[],
): FetchAnswer[] {
  const names = new Map([...topics.values()].map(({ name, topicId }) => [topicId, name]))
  const offsets = new Map(positions.map(({ topic, partition, offset }) => [`${topic}/${partition}`, offset]))
  return responses.flatMap(({ topic, topicId, partitions }) => {
    const name = topic || names.get(topicId)
    if (name === undefined) throw new KafkaClientError('UNKNOWN_TOPIC_ID', `Fetch answered topic ${topicId}.`)
    return partitions.flatMap((one) => {
      const offset = offsets.get(`${name}/${one.partitionIndex}`)
      return offset === undefined ? [] : [answerOf(name, offset, one)]
    })
  })
}

function answerOf(topic: string, offset: number, answer: PartitionAnswer): FetchAnswer {
  const { partitionIndex: partition, errorCode, highWatermark, lastStableOffset, abortedTransactions } = answer
  const batches = answer.records ?? new Uint8Array(0)
  return { topic, partition, offset, errorCode, highWatermark, lastStableOffset, batches, abortedTransactions }
}
