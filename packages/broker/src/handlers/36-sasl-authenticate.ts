// SaslAuthenticate (36), versions 0–2
// Behaviour
//   * Carries one step of the exchange. On failure the answer says no more than that, and the connection closes.
// Version notes
//   * v1+: the lifetime of the session; always 0, without end.
// Skipped
//   * Re-authentication (KIP-368).

import { errorCodes } from '@millrace/kafka-protocol'
import { saslAuthenticateApi } from '@millrace/kafka-protocol/messages'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'

const nothing = new Uint8Array(0)

export const saslAuthenticateHandler = defineHandler(saslAuthenticateApi, {
  handle({ authBytes }, { connection, broker }) {
    const { authentication } = connection
    try {
      return { errorCode: errorCodes.NONE, authBytes: authentication.step(authBytes) }
    } catch (error) {
      broker.log(`Connection from ${connection.remoteAddress}: ${errorMessageOf(error)}`)
      connection.closeAfterAnswer()
      return { errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error), authBytes: nothing }
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, authBytes: nothing }),
})
