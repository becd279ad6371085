// DescribeTopicPartitions (75), version 0
// Behaviour
//   * Topics by name, so many partitions at a time; the cursor of the answer says where to go on. No names: all topics.
// Version notes
//   * Flexible from the first.
// Skipped
//   * Eligible leader replicas: there is one replica.

import { errorCodes } from '@millrace/kafka-protocol'
import {
  describeTopicPartitionsApi,
  type RequestOf,
  type ResponseInputOf,
  zeroUuid,
} from '@millrace/kafka-protocol/messages'
import { authorizedOperations } from '../authorized-operations.ts'
import { RequestError } from '../broker-error.ts'
import { describedPartition } from '../described-partition.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type Request = RequestOf<typeof describeTopicPartitionsApi>
type Answer = ResponseInputOf<typeof describeTopicPartitionsApi>
type Topic = Answer['topics'][number]

const maxPartitions = 2000

export const describeTopicPartitionsHandler = defineHandler(describeTopicPartitionsApi, {
  handle(request, context) {
    const { cursor } = request
    if (cursor !== null && cursor.partitionIndex < 0) {
      throw new RequestError('INVALID_REQUEST', `The cursor is at partition ${cursor.partitionIndex}.`)
    }
    const topics: Topic[] = []
    let left = Math.min(Math.max(request.responsePartitionLimit, 1), maxPartitions)
    for (const name of namesFrom(request, context)) {
      const from = name === cursor?.topicName ? cursor.partitionIndex : 0
      if (left === 0) return { topics, nextCursor: { topicName: name, partitionIndex: from } }
      const topic = describe(name, from, left, context)
      topics.push(topic)
      left -= topic.partitions.length
      const next = from + topic.partitions.length
      if (next < (context.engine.describeTopic(name)?.partitions ?? 0)) {
        return { topics, nextCursor: { topicName: name, partitionIndex: next } }
      }
    }
    return { topics }
  },
  refuse: (request, errorCode) => ({ topics: request.topics.map(({ name }) => failed(name, errorCode)) }),
})

/** By name, from the cursor's topic on. */
function namesFrom({ topics, cursor }: Request, context: RequestContext): string[] {
  const named = topics.map(({ name }) => name)
  const all = context.engine.listTopics().map(({ name }) => name)
  const visible =
    named.length > 0 ? [...new Set(named)] : all.filter((name) => context.allows('describe', 'topic', name))
  return visible.filter((name) => cursor === null || name >= cursor.topicName).sort()
}

function describe(name: string, from: number, limit: number, context: RequestContext): Topic {
  if (!context.allows('describe', 'topic', name)) return failed(name, errorCodes.TOPIC_AUTHORIZATION_FAILED)
  const topic = context.engine.describeTopic(name)
  if (topic === undefined) return failed(name, errorCodes.UNKNOWN_TOPIC_OR_PARTITION)
  const count = Math.min(Math.max(topic.partitions - from, 0), limit)
  return {
    errorCode: errorCodes.NONE,
    name,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: Array.from({ length: count }, (_, i) => ({
      ...describedPartition(name, from + i, context),
      // Java's admin client does not take null for an answer.
      eligibleLeaderReplicas: [],
      lastKnownElr: [],
    })),
    topicAuthorizedOperations: authorizedOperations(context, 'topic', name),
  }
}

function failed(name: string, errorCode: number): Topic {
  return { errorCode, name, topicId: zeroUuid, partitions: [] }
}
