// ListOffsets (2), versions 1–11
// Behaviour
//   * -1: the end (under read_committed the last stable offset); -2 and -4: the log start offset; -3: the record of the
//     largest timestamp; -5 and -6: nothing, for there is no tiered storage; else the first record at or after the time.
//   * Nothing found is no error: offset -1, timestamp -1.
// Version notes
//   * v2+: isolation level.  * v4+: leader epochs.
// Skipped
//   * The time-out of v10+: the answer is immediate.

import { errorCodes } from '@millrace/kafka-protocol'
import { listOffsetsApi } from '@millrace/kafka-protocol/messages'
import type { ListedOffset, OffsetSpec, TopicPartition } from '@millrace/log-engine'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import { checkLeaderEpoch } from '../leader-epoch.ts'

const notFound: ListedOffset = { offset: -1, timestamp: -1, leaderEpoch: -1 }

export const listOffsetsHandler = defineHandler(listOffsetsApi, {
  handle(request, context) {
    const isolation = request.isolationLevel === 1 ? 'read_committed' : 'read_uncommitted'
    const find = (topicPartition: TopicPartition, timestamp: number, leaderEpoch: number): ListedOffset => {
      if (!context.allows('describe', 'topic', topicPartition.topic)) {
        throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not describe ${topicPartition.topic}.`)
      }
      checkLeaderEpoch(context.engine, topicPartition, leaderEpoch)
      const spec = specOf(timestamp)
      const found = context.engine.listOffset(topicPartition, spec ?? 'latest', isolation)
      return spec === undefined ? notFound : found
    }
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, timestamp, currentLeaderEpoch }) => {
          try {
            const found = find({ topic: name, partition: partitionIndex }, timestamp, currentLeaderEpoch)
            return { partitionIndex, errorCode: errorCodes.NONE, ...found }
          } catch (error) {
            return { partitionIndex, errorCode: errorCodeOf(error), ...notFound }
          }
        }),
      })),
    }
  },
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, errorCode, ...notFound })),
    })),
  }),
})

/** undefined: a place that only tiered storage has. */
function specOf(timestamp: number): OffsetSpec | undefined {
  switch (timestamp) {
    case -1:
      return 'latest'
    case -2:
    case -4:
      return 'earliest'
    case -3:
      return 'max-timestamp'
    case -5:
    case -6:
      return undefined
    default:
      if (timestamp < 0) throw new RequestError('INVALID_REQUEST', `There is no offset for timestamp ${timestamp}.`)
      return { timestamp }
  }
}
