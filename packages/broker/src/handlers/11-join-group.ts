// JoinGroup (11), versions 0–9
// Behaviour
//   * Answered when the join phase of the rebalance ends; only the leader is told the members.
//   * When an error is answered, the member id is the request's, or the one that the member must ask again with.
//   * In a consumer group (KIP-848) the broker assigns: answered at once, without a leader; what is still to come the member
//     hears from its heartbeats. INCONSISTENT_GROUP_PROTOCOL when it is no consumer, or migration is disabled.
// Version notes
//   * v0: the rebalance time-out is the session time-out.  * v4+: a new dynamic member asks twice (MEMBER_ID_REQUIRED).
//   * v5+: static members.  * v7+: protocol type.  * v9+: skipAssignment.
// Skipped
//   * The reason (v8+) is not kept.

import { errorCodes } from '@millrace/kafka-protocol'
import { joinGroupApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { MemberIdRequiredError } from '@millrace/log-engine'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'

export const joinGroupHandler = defineHandler(joinGroupApi, {
  async handle(request, context) {
    if (!context.allows('read', 'group', request.groupId)) return failed(request, errorCodes.GROUP_AUTHORIZATION_FAILED)
    try {
      const joined = await context.engine.groups.join({
        groupId: request.groupId,
        memberId: request.memberId,
        groupInstanceId: request.groupInstanceId,
        clientId: context.clientId ?? '',
        clientHost: context.connection.clientHost,
        sessionTimeoutMs: request.sessionTimeoutMs,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs,
        protocolType: request.protocolType,
        protocols: request.protocols,
        requiresKnownMemberId: context.version >= 4,
        supportsSkippingAssignment: context.version >= 9,
      })
      return { errorCode: errorCodes.NONE, ...joined }
    } catch (error) {
      const memberId = error instanceof MemberIdRequiredError ? error.memberId : request.memberId
      return failed({ memberId }, errorCodeOf(error))
    }
  },
  refuse: (request, errorCode) => failed(request, errorCode),
})

function failed({ memberId }: Pick<RequestOf<typeof joinGroupApi>, 'memberId'>, errorCode: number) {
  return { errorCode, generationId: -1, protocolName: '', leader: '', memberId, members: [] }
}
