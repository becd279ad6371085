// SaslHandshake (17), versions 0–1
// Behaviour
//   * Chooses the mechanism with which SaslAuthenticate goes on; an unknown one is answered with those that there are.
//   * On a listener without SASL, or after authentication: ILLEGAL_SASL_STATE.
// Version notes
//   * v0: the tokens follow in bare frames, and a failure closes the connection.
//   * v1: the tokens travel in SaslAuthenticate.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { saslHandshakeApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const saslHandshakeHandler = defineHandler(saslHandshakeApi, {
  handle({ mechanism }, { connection, version }) {
    const { authentication } = connection
    if (authentication.isComplete) return { errorCode: errorCodes.ILLEGAL_SASL_STATE, mechanisms: [] }
    const isKnown = authentication.choose(mechanism, version === 0)
    const errorCode = isKnown ? errorCodes.NONE : errorCodes.UNSUPPORTED_SASL_MECHANISM
    return { errorCode, mechanisms: authentication.mechanismNames }
  },
  refuse: (_request, errorCode) => ({ errorCode, mechanisms: [] }),
})
