// Heartbeat (12), versions 0–4
// Behaviour
//   * Keeps the member's session alive; REBALANCE_IN_PROGRESS tells it to join again.
// Version notes
//   * v3+: static members.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { heartbeatApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const heartbeatHandler = defineHandler(heartbeatApi, {
  handle(request, context) {
    if (!context.allows('read', 'group', request.groupId)) return { errorCode: errorCodes.GROUP_AUTHORIZATION_FAILED }
    context.engine.groups.heartbeat(request)
    return { errorCode: errorCodes.NONE }
  },
  refuse: (_request, errorCode) => ({ errorCode }),
})
