// DeleteGroups (42), versions 0–2
// Behaviour
//   * Deletes groups without members, with their offsets; each has its own error.
// Version notes
//   * v2: flexible.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { deleteGroupsApi } from '@millrace/kafka-protocol/messages'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

export const deleteGroupsHandler = defineHandler(deleteGroupsApi, {
  handle(request, context) {
    return { results: request.groupsNames.map((groupId) => ({ groupId, errorCode: deleteGroup(groupId, context) })) }
  },
  refuse: (request, errorCode) => ({ results: request.groupsNames.map((groupId) => ({ groupId, errorCode })) }),
})

function deleteGroup(groupId: string, context: RequestContext): number {
  if (!context.allows('delete', 'group', groupId)) return errorCodes.GROUP_AUTHORIZATION_FAILED
  try {
    context.engine.groups.delete(groupId)
    return errorCodes.NONE
  } catch (error) {
    return errorCodeOf(error)
  }
}
