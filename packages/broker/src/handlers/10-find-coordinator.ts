// FindCoordinator (10), versions 0–6
// Behaviour
//   * This broker coordinates every group and every transactional id.
// Version notes
//   * v1+: the type of the key.  * v4+: many keys, each with its own error.
// Skipped
//   * Share groups (key type 2): INVALID_REQUEST.

import { errorCodes } from '@millrace/kafka-protocol'
import { findCoordinatorApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

export const findCoordinatorHandler = defineHandler(findCoordinatorApi, {
  handle(request, context) {
    const keys = context.version >= 4 ? request.coordinatorKeys : [request.key]
    const found = keys.map((key) => coordinatorOf(key, request.keyType, context))
    const only = found[0]
    if (context.version >= 4 || only === undefined) return { coordinators: found }
    return { ...only, coordinators: [] }
  },
  refuse: (request, errorCode) => ({
    ...nowhere(errorCode),
    coordinators: request.coordinatorKeys.map((key) => ({ key, ...nowhere(errorCode) })),
  }),
})

function coordinatorOf(key: string, keyType: number, context: RequestContext) {
  const { broker, connection } = context
  if (keyType !== 0 && keyType !== 1) return { key, ...nowhere(errorCodes.INVALID_REQUEST) }
  if (!context.allows('describe', keyType === 0 ? 'group' : 'transactional-id', key)) {
    const error = keyType === 0 ? 'GROUP_AUTHORIZATION_FAILED' : 'TRANSACTIONAL_ID_AUTHORIZATION_FAILED'
    return { key, ...nowhere(errorCodes[error]) }
  }
  const { host, port } = connection
  return { key, errorCode: errorCodes.NONE, errorMessage: null, nodeId: broker.nodeId, host, port }
}

function nowhere(errorCode: number) {
  return { errorCode, errorMessage: null, nodeId: -1, host: '', port: -1 }
}
