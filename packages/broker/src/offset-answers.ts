import { errorCodes } from '@millrace/kafka-protocol'
import type { OffsetToCommit } from '@millrace/log-engine'
import { errorCodeOf } from './error-mapping.ts'
import type { RequestContext } from './request-context.ts'

/** Offsets by topic, as OffsetCommit and TxnOffsetCommit hold them. */
export interface OffsetsOfTopic {
  readonly name: string
  /** The topic was named by its id alone (OffsetCommit v10): `name` is empty when there is none. */
  readonly topicId?: string
  readonly partitions: readonly {
    readonly partitionIndex: number
    readonly committedOffset: number
    readonly committedLeaderEpoch: number
    readonly committedMetadata: string | null
  }[]
}

/** Kafka's default of `offset.metadata.max.bytes`. */
const maxMetadataBytes = 4096

/**
 * Commits what may be committed through `commit`, and answers for every partition: those that are forbidden, missing or
 * malformed with their own error, the others with the outcome of `commit`.
 */
export function commitEach(
  topics: readonly OffsetsOfTopic[],
  context: RequestContext,
  commit: (offsets: readonly OffsetToCommit[]) => Promise<void> | void,
): CommitAnswers | Promise<CommitAnswers> {
  const offsets: OffsetToCommit[] = []
  const errorsOf = topics.map(({ name, partitions }) =>
    partitions.map((partition) => {
      const error = name === '' ? noTopic(context) : partitionError(name, partition, context)
      if (error === errorCodes.NONE) offsets.push(offsetOf(name, partition))
      return error
    }),
  )
  const answer = (outcome: number): CommitAnswers => ({
    topics: topics.map(({ name, topicId, partitions }, i) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }, j) => ({
        partitionIndex,
        errorCode: errorsOf[i]?.[j] || outcome,
      })),
    })),
  })
  try {
    const pending = commit(offsets)
    if (!(pending instanceof Promise)) return answer(errorCodes.NONE)
    return pending.then(
      () => answer(errorCodes.NONE),
      (error) => answer(errorCodeOf(error)),
    )
  } catch (error) {
    return answer(errorCodeOf(error))
  }
}

/** The answers of OffsetCommit and TxnOffsetCommit. */
export interface CommitAnswers {
  readonly topics: readonly {
    readonly name: string
    readonly topicId: string | undefined
    readonly partitions: readonly { readonly partitionIndex: number; readonly errorCode: number }[]
  }[]
}

/** The same error for every partition. */
export function refuseCommit(topics: readonly OffsetsOfTopic[], errorCode: number): CommitAnswers {
  return {
    topics: topics.map(({ name, topicId, partitions }) => ({
      name,
      topicId,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode })),
    })),
  }
}

function noTopic({ version }: RequestContext): number {
  return version >= 10 ? errorCodes.UNKNOWN_TOPIC_ID : errorCodes.UNKNOWN_TOPIC_OR_PARTITION
}

function partitionError(
  topic: string,
  { partitionIndex, committedMetadata }: OffsetsOfTopic['partitions'][number],
  context: RequestContext,
): number {
  if (!context.allows('read', 'topic', topic)) return errorCodes.TOPIC_AUTHORIZATION_FAILED
  const described = context.engine.describeTopic(topic)
  if (described === undefined || partitionIndex < 0 || partitionIndex >= described.partitions) {
    return errorCodes.UNKNOWN_TOPIC_OR_PARTITION
  }
  if (Buffer.byteLength(committedMetadata ?? '') > maxMetadataBytes) return errorCodes.OFFSET_METADATA_TOO_LARGE
  return errorCodes.NONE
}

function offsetOf(topic: string, partition: OffsetsOfTopic['partitions'][number]): OffsetToCommit {
  return {
    topic,
    partition: partition.partitionIndex,
    offset: partition.committedOffset,
    leaderEpoch: partition.committedLeaderEpoch,
    metadata: partition.committedMetadata ?? '',
  }
}
