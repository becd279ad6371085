// AddOffsetsToTxn (25), versions 0–4
// Behaviour
//   * Announces that offsets of the group will be committed in the transaction.
// Version notes
//   * v2+: a fenced producer is told PRODUCER_FENCED; before, INVALID_PRODUCER_EPOCH.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { addOffsetsToTxnApi } from '@millrace/kafka-protocol/messages'
import { fencedCodeOf } from '../fencing.ts'
import { defineHandler } from '../handler.ts'

export const addOffsetsToTxnHandler = defineHandler(addOffsetsToTxnApi, {
  handle(request, context) {
    if (!context.allows('write', 'transactional-id', request.transactionalId)) {
      return { errorCode: errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    }
    if (!context.allows('read', 'group', request.groupId)) return { errorCode: errorCodes.GROUP_AUTHORIZATION_FAILED }
    try {
      context.engine.addOffsetsToTxn(request, request.groupId)
      return { errorCode: errorCodes.NONE }
    } catch (error) {
      return { errorCode: fencedCodeOf(error, context.version, 2) }
    }
  },
  refuse: (_request, errorCode) => ({ errorCode }),
})
