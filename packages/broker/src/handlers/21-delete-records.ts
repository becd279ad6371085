// DeleteRecords (21), versions 0–2
// Behaviour
//   * Moves the log start offset up to the given offset; -1 is the high watermark. Answers with the log start offset.
// Version notes
//   * v2: flexible.
// Skipped
//   * The time-out: the answer is immediate.

import { errorCodes } from '@millrace/kafka-protocol'
import { deleteRecordsApi } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'

export const deleteRecordsHandler = defineHandler(deleteRecordsApi, {
  handle(request, context) {
    return {
      topics: request.topics.map(({ name, partitions }) => ({
        name,
        partitions: partitions.map(({ partitionIndex, offset }) => {
          try {
            if (!context.allows('delete', 'topic', name)) {
              throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not delete from ${name}.`)
            }
            const lowWatermark = context.engine.deleteRecords({ topic: name, partition: partitionIndex }, offset)
            return { partitionIndex, lowWatermark, errorCode: errorCodes.NONE }
          } catch (error) {
            return { partitionIndex, lowWatermark: -1, errorCode: errorCodeOf(error) }
          }
        }),
      })),
    }
  },
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex }) => ({ partitionIndex, lowWatermark: -1, errorCode })),
    })),
  }),
})
