// OffsetForLeaderEpoch (23), versions 2–4
// Behaviour
//   * The largest epoch at or below the one asked for, and where it ends: what a client has read beyond was cut off by a
//     recovery. Of an epoch that was never there: epoch and offset -1.
// Version notes
//   * v4: flexible.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { offsetForLeaderEpochApi } from '@millrace/kafka-protocol/messages'
import type { TopicPartition } from '@millrace/log-engine'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import { checkLeaderEpoch } from '../leader-epoch.ts'
import type { RequestContext } from '../request-context.ts'

const unknownEnd = { leaderEpoch: -1, endOffset: -1 }

export const offsetForLeaderEpochHandler = defineHandler(offsetForLeaderEpochApi, {
  handle(request, context) {
    return {
      topics: request.topics.map(({ topic, partitions }) => ({
        topic,
        partitions: partitions.map(({ partition, currentLeaderEpoch, leaderEpoch }) => {
          try {
            checkLeaderEpoch(context.engine, { topic, partition }, currentLeaderEpoch)
            return { partition, errorCode: errorCodes.NONE, ...endOf({ topic, partition }, leaderEpoch, context) }
          } catch (error) {
            return { partition, errorCode: errorCodeOf(error), ...unknownEnd }
          }
        }),
      })),
    }
  },
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ topic, partitions }) => ({
      topic,
      partitions: partitions.map(({ partition }) => ({ partition, errorCode, ...unknownEnd })),
    })),
  }),
})

function endOf(topicPartition: TopicPartition, leaderEpoch: number, context: RequestContext) {
  if (!context.allows('describe', 'topic', topicPartition.topic)) {
    throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not describe ${topicPartition.topic}.`)
  }
  return context.engine.offsetForLeaderEpoch(topicPartition, leaderEpoch)
}
