// AddPartitionsToTxn (24), versions 0–3
// Behaviour
//   * All partitions join the transaction or none: when one is missing or forbidden, it gets its error and the others
//     OPERATION_NOT_ATTEMPTED.
// Version notes
//   * v2+: a fenced producer is told PRODUCER_FENCED; before, INVALID_PRODUCER_EPOCH.
// Skipped
//   * v4+, the batched form that brokers use among themselves.

import { errorCodes } from '@millrace/kafka-protocol'
import { addPartitionsToTxnApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { fencedCodeOf } from '../fencing.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type Request = RequestOf<typeof addPartitionsToTxnApi>

export const addPartitionsToTxnHandler = defineHandler(addPartitionsToTxnApi, {
  handle(request, context) {
    if (!context.allows('write', 'transactional-id', request.v3AndBelowTransactionalId)) {
      return everywhere(request, () => errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    }
    const errorOf = (topic: string, partition: number) => topicError(topic, partition, context)
    const partitions = request.v3AndBelowTopics.flatMap(({ name, partitions }) =>
      partitions.map((partition) => ({ topic: name, partition })),
    )
    if (partitions.some(({ topic, partition }) => errorOf(topic, partition) !== errorCodes.NONE)) {
      return everywhere(request, (name, index) => errorOf(name, index) || errorCodes.OPERATION_NOT_ATTEMPTED)
    }
    const producer = {
      transactionalId: request.v3AndBelowTransactionalId,
      producerId: request.v3AndBelowProducerId,
      producerEpoch: request.v3AndBelowProducerEpoch,
    }
    try {
      context.engine.addPartitionsToTxn(producer, partitions)
      return everywhere(request, () => errorCodes.NONE)
    } catch (error) {
      const code = fencedCodeOf(error, context.version, 2)
      return everywhere(request, () => code)
    }
  },
  refuse: (request, errorCode) => everywhere(request, () => errorCode),
})

function topicError(topic: string, partition: number, context: RequestContext): number {
  if (!context.allows('write', 'topic', topic)) return errorCodes.TOPIC_AUTHORIZATION_FAILED
  const described = context.engine.describeTopic(topic)
  if (described === undefined || partition < 0 || partition >= described.partitions) {
    return errorCodes.UNKNOWN_TOPIC_OR_PARTITION
  }
  return described.isInternal ? errorCodes.TOPIC_AUTHORIZATION_FAILED : errorCodes.NONE
}

function everywhere(request: Request, errorOf: (topic: string, partition: number) => number) {
  return {
    resultsByTopicV3AndBelow: request.v3AndBelowTopics.map(({ name, partitions }) => ({
      name,
      resultsByPartition: partitions.map((partitionIndex) => ({
        partitionIndex,
        partitionErrorCode: errorOf(name, partitionIndex),
      })),
    })),
  }
}
