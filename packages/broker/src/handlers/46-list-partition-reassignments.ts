// ListPartitionReassignments (46), version 0
// Behaviour
//   * Empty: a single broker moves no replicas.
// Version notes
//   * Flexible from the first.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { listPartitionReassignmentsApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const listPartitionReassignmentsHandler = defineHandler(listPartitionReassignmentsApi, {
  handle(_request, context) {
    const isAllowed = context.allows('describe', 'cluster', '*')
    return { errorCode: isAllowed ? errorCodes.NONE : errorCodes.CLUSTER_AUTHORIZATION_FAILED, topics: [] }
  },
  refuse: (_request, errorCode) => ({ errorCode, topics: [] }),
})
