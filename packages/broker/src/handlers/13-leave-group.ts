// LeaveGroup (13), versions 0–5
// Behaviour
//   * Takes members out, by member id, or static ones by instance id: each has its own error.
// Version notes
//   * v0–2: one member, whose error is that of the answer.  * v3+: many members.
// Skipped
//   * The reason (v5+) is not kept.

import { errorCodes } from '@millrace/kafka-protocol'
import { leaveGroupApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const leaveGroupHandler = defineHandler(leaveGroupApi, {
  handle({ groupId, memberId, members }, context) {
    if (!context.allows('read', 'group', groupId)) return { errorCode: errorCodes.GROUP_AUTHORIZATION_FAILED }
    const leaving = context.version >= 3 ? members : [{ memberId, groupInstanceId: null }]
    const left = context.engine.groups.leave({ groupId, members: leaving })
    if (context.version < 3) return { errorCode: errorCodes[left[0]?.error ?? 'NONE'] }
    return {
      errorCode: errorCodes.NONE,
      members: left.map(({ error, ...member }) => ({ ...member, errorCode: errorCodes[error] })),
    }
  },
  refuse: (_request, errorCode) => ({ errorCode }),
})
