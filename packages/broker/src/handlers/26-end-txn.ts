// EndTxn (26), versions 0–4
// Behaviour
//   * Commits or aborts; answers when the markers are written, so that the next transaction may begin at once.
//   * A retry with the same outcome after completion answers NONE; with the other outcome INVALID_TXN_STATE.
// Version notes
//   * v2+: a fenced producer is told PRODUCER_FENCED; before, INVALID_PRODUCER_EPOCH.
// Skipped
//   * v5, the next epoch with the answer (KIP-890, transaction version 2).

import { errorCodes } from '@millrace/kafka-protocol'
import { endTxnApi } from '@millrace/kafka-protocol/messages'
import { fencedCodeOf } from '../fencing.ts'
import { defineHandler } from '../handler.ts'

export const endTxnHandler = defineHandler(endTxnApi, {
  maxVersion: 4,
  async handle(request, context) {
    if (!context.allows('write', 'transactional-id', request.transactionalId)) {
      return { errorCode: errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    }
    try {
      await context.engine.endTxn(request, request.committed ? 'commit' : 'abort')
      return { errorCode: errorCodes.NONE }
    } catch (error) {
      return { errorCode: fencedCodeOf(error, context.version, 2) }
    }
  },
  refuse: (_request, errorCode) => ({ errorCode }),
})
