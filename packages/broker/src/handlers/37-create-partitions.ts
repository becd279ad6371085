// CreatePartitions (37), versions 0–3
// Behaviour
//   * Raises the number of partitions of a topic to `count`; INVALID_PARTITIONS when it is not more than there are.
//   * validateOnly: everything is checked and nothing made.
// Version notes
//   * v2+: flexible.
// Skipped
//   * The time-out: the answer is immediate.

import { errorCodes } from '@millrace/kafka-protocol'
import { createPartitionsApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import { checkPartitionLimit } from '../partition-limit.ts'
import type { RequestContext } from '../request-context.ts'

type Asked = RequestOf<typeof createPartitionsApi>['topics'][number]

export const createPartitionsHandler = defineHandler(createPartitionsApi, {
  handle(request, context) {
    return {
      results: request.topics.map((asked) => {
        try {
          check(asked, context)
          if (!request.validateOnly) context.engine.createPartitions(asked.name, asked.count)
          return { name: asked.name, errorCode: errorCodes.NONE }
        } catch (error) {
          return { name: asked.name, errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) }
        }
      }),
    }
  },
  refuse: (request, errorCode) => ({ results: request.topics.map(({ name }) => ({ name, errorCode })) }),
})

function check({ name, count, assignments }: Asked, context: RequestContext): void {
  if (!context.allows('alter', 'topic', name)) {
    throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not alter ${name}.`)
  }
  const topic = context.engine.describeTopic(name)
  if (topic === undefined) throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${name}'.`)
  if (count <= topic.partitions) {
    const text = `Topic '${name}' has ${topic.partitions} partitions: it can get more, but not ${count}.`
    throw new RequestError('INVALID_PARTITIONS', text)
  }
  checkPartitionLimit(count - topic.partitions, context)
  if (assignments === null) return
  const { nodeId } = context.broker
  const isHere = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId)
  if (assignments.length === count - topic.partitions && isHere) return
  const text = `An assignment must name broker ${nodeId} for each of the ${count - topic.partitions} new partitions.`
  throw new RequestError('INVALID_REPLICA_ASSIGNMENT', text)
}
