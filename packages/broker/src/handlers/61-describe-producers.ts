// DescribeProducers (61), version 0
// Behaviour
//   * The producers that a partition knows: idempotent and transactional ones that have written lately.
// Version notes
//   * Flexible from the first.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeProducersApi } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

export const describeProducersHandler = defineHandler(describeProducersApi, {
  handle(request, context) {
    return {
      topics: request.topics.map(({ name, partitionIndexes }) => ({
        name,
        partitions: partitionIndexes.map((partition) => describe(name, partition, context)),
      })),
    }
  },
  refuse: (request, errorCode) => ({
    topics: request.topics.map(({ name, partitionIndexes }) => ({
      name,
      partitions: partitionIndexes.map((partitionIndex) => ({ partitionIndex, errorCode, activeProducers: [] })),
    })),
  }),
})

function describe(topic: string, partition: number, context: RequestContext) {
  try {
    if (!context.allows('read', 'topic', topic)) {
      throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not read ${topic}.`)
    }
    const producers = context.engine.describeProducers({ topic, partition })
    const activeProducers = producers.map(({ transactionStartOffset, ...producer }) => ({
      ...producer,
      currentTxnStartOffset: transactionStartOffset,
    }))
    return { partitionIndex: partition, errorCode: errorCodes.NONE, activeProducers }
  } catch (error) {
    const failure = { errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) }
    return { partitionIndex: partition, ...failure, activeProducers: [] }
  }
}
