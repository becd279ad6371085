// SyncGroup (14), versions 0–5
// Behaviour
//   * The leader hands in the assignments; everybody is answered with their own when it has.
// Version notes
//   * v3+: static members.  * v5+: protocol type and name are checked and answered.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { syncGroupApi } from '@millrace/kafka-protocol/messages'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'

export const syncGroupHandler = defineHandler(syncGroupApi, {
  async handle(request, context) {
    if (!context.allows('read', 'group', request.groupId)) return failed(errorCodes.GROUP_AUTHORIZATION_FAILED)
    try {
      return { errorCode: errorCodes.NONE, ...(await context.engine.groups.sync(request)) }
    } catch (error) {
      return failed(errorCodeOf(error))
    }
  },
  refuse: (_request, errorCode) => failed(errorCode),
})

function failed(errorCode: number) {
  return { errorCode, assignment: new Uint8Array(0) }
}
