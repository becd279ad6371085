// DescribeGroups (15), versions 0–6
// Behaviour
//   * Members with their metadata and assignment while the group is stable.
//   * A group of the consumer group protocol counts as not there: ConsumerGroupDescribe has those.
// Version notes
//   * v3+: authorized operations.  * v6: a group that is not there is GROUP_ID_NOT_FOUND; before, it is Dead, no error.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeGroupsApi } from '@millrace/kafka-protocol/messages'
import { authorizedOperations, operationsNotAsked } from '../authorized-operations.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

export const describeGroupsHandler = defineHandler(describeGroupsApi, {
  handle(request, context) {
    return {
      groups: request.groups.map((groupId) => ({
        ...describe(groupId, context),
        authorizedOperations: request.includeAuthorizedOperations
          ? authorizedOperations(context, 'group', groupId)
          : operationsNotAsked,
      })),
    }
  },
  refuse: (request, errorCode) => ({ groups: request.groups.map((groupId) => nobody(groupId, '', errorCode)) }),
})

function describe(groupId: string, context: RequestContext) {
  if (!context.allows('describe', 'group', groupId)) return nobody(groupId, '', errorCodes.GROUP_AUTHORIZATION_FAILED)
  const group = context.engine.groups.describe(groupId)
  if (group === undefined) {
    const errorCode = context.version >= 6 ? errorCodes.GROUP_ID_NOT_FOUND : errorCodes.NONE
    return { ...nobody(groupId, 'Dead', errorCode), errorMessage: `There is no group '${groupId}'.` }
  }
  return {
    errorCode: errorCodes.NONE,
    groupId,
    groupState: group.state,
    protocolType: group.protocolType,
    protocolData: group.protocolName,
    members: group.members.map(({ metadata, assignment, ...member }) => ({
      ...member,
      memberMetadata: metadata,
      memberAssignment: assignment,
    })),
  }
}

function nobody(groupId: string, groupState: string, errorCode: number) {
  return { errorCode, groupId, groupState, protocolType: '', protocolData: '', members: [] }
}
