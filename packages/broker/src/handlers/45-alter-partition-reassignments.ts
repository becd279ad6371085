// AlterPartitionReassignments (45), versions 0–1
// Behaviour
//   * Replicas that name this broker alone are what there is: nothing to do. Others: INVALID_REPLICA_ASSIGNMENT.
//   * Null replicas, which cancel a move: NO_REASSIGNMENT_IN_PROGRESS.
// Version notes
//   * Flexible from the first.  * v1: whether the number of replicas may change means nothing here.
// Skipped
//   * Moves; the time-out: the answer is immediate.

import { errorCodes } from '@millrace/kafka-protocol'
import { alterPartitionReassignmentsApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

export const alterPartitionReassignmentsHandler = defineHandler(alterPartitionReassignmentsApi, {
  handle({ topics, allowReplicationFactorChange }, context) {
    if (!context.allows('alter', 'cluster', '*')) {
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, responses: [] }
    }
    const responses = topics.map(({ name, partitions }) => ({
      name,
      partitions: partitions.map(({ partitionIndex, replicas }) => ({
        partitionIndex,
        ...outcome(name, partitionIndex, replicas, context),
      })),
    }))
    return { errorCode: errorCodes.NONE, allowReplicationFactorChange, responses }
  },
  refuse: (_request, errorCode) => ({ errorCode, responses: [] }),
})

function outcome(topic: string, partition: number, replicas: readonly number[] | null, context: RequestContext) {
  const { nodeId } = context.broker
  const count = context.engine.describeTopic(topic)?.partitions ?? 0
  if (partition < 0 || partition >= count) return { errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION }
  if (replicas === null) return { errorCode: errorCodes.NO_REASSIGNMENT_IN_PROGRESS }
  if (replicas.length === 1 && replicas[0] === nodeId) return { errorCode: errorCodes.NONE }
  return {
    errorCode: errorCodes.INVALID_REPLICA_ASSIGNMENT,
    errorMessage: `There is one broker, ${nodeId}: it has the only replica.`,
  }
}
