// EndTxn (26), versions 0–5
// Behaviour
//   * Commits or aborts; answers when the markers are written, so that the next transaction may begin at once.
//   * A retry with the same outcome after completion answers NONE; with the other outcome INVALID_TXN_STATE.
// Version notes
//   * v2+: a fenced producer is told PRODUCER_FENCED; before, INVALID_PRODUCER_EPOCH.
//   * v5 (KIP-890, transaction version 2): the epoch rises with every end, and the answer has it; the request may be
//     repeated with the epoch before. A transaction that has not begun can be aborted.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { endTxnApi } from '@millrace/kafka-protocol/messages'
import { fencedCodeOf } from '../fencing.ts'
import { defineHandler } from '../handler.ts'

export const endTxnHandler = defineHandler(endTxnApi, {
  async handle(request, context) {
    if (!context.allows('write', 'transactional-id', request.transactionalId)) {
      return { errorCode: errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED }
    }
    try {
      const outcome = request.committed ? 'commit' : 'abort'
      const next = await context.engine.endTxn(request, outcome, { raisesEpoch: context.version >= 5 })
      return { errorCode: errorCodes.NONE, ...next }
    } catch (error) {
      return { errorCode: fencedCodeOf(error, context.version, 2) }
    }
  },
  refuse: (_request, errorCode) => ({ errorCode }),
})
