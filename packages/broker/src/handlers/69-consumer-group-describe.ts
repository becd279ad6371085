// ConsumerGroupDescribe (69), versions 0–1
// Behaviour
//   * Groups of the consumer group protocol with epochs, members, and what these hold and are to hold.
//   * A group of the classic protocol, or none: GROUP_ID_NOT_FOUND.
//   * Topics that the client may not describe: TOPIC_AUTHORIZATION_FAILED for the group.
// Version notes
//   * v1: the protocol of each member.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { consumerGroupDescribeApi, type ResponseInputOf } from '@millrace/kafka-protocol/messages'
import type { ConsumerGroupDescription } from '@millrace/log-engine'
import { authorizedOperations, operationsNotAsked } from '../authorized-operations.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type DescribedGroup = ResponseInputOf<typeof consumerGroupDescribeApi>['groups'][number]

/** What the answer calls members of the two protocols. */
const classicMember = 0
const consumerMember = 1

export const consumerGroupDescribeHandler = defineHandler(consumerGroupDescribeApi, {
  handle: (request, context) => ({
    groups: request.groupIds.map((groupId) => ({
      ...describe(groupId, context),
      authorizedOperations: request.includeAuthorizedOperations
        ? authorizedOperations(context, 'group', groupId)
        : operationsNotAsked,
    })),
  }),
  refuse: (request, errorCode) => ({ groups: request.groupIds.map((groupId) => nobody(groupId, errorCode, null)) }),
})

function describe(groupId: string, context: RequestContext): DescribedGroup {
  if (!context.allows('describe', 'group', groupId)) {
    return nobody(groupId, errorCodes.GROUP_AUTHORIZATION_FAILED, null)
  }
  if (groupId === '') return nobody(groupId, errorCodes.INVALID_GROUP_ID, 'A group id must not be empty.')
  const group = context.engine.consumerGroups.describe(groupId)
  if (group === undefined) {
    return nobody(groupId, errorCodes.GROUP_ID_NOT_FOUND, `There is no consumer group '${groupId}'.`)
  }
  if (!mayDescribeTopics(group, context)) {
    return nobody(groupId, errorCodes.TOPIC_AUTHORIZATION_FAILED, 'The group has topics that may not be described.')
  }
  return {
    errorCode: errorCodes.NONE,
    groupId,
    groupState: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: group.assignorName,
    members: group.members.map(({ topicNames, topicRegex, assignment, targetAssignment, classic, ...member }) => ({
      ...member,
      subscribedTopicNames: topicNames,
      subscribedTopicRegex: topicRegex,
      assignment: { topicPartitions: assignment },
      targetAssignment: { topicPartitions: targetAssignment },
      memberType: classic === null ? consumerMember : classicMember,
    })),
  }
}

function mayDescribeTopics(group: ConsumerGroupDescription, context: RequestContext): boolean {
  return group.members.every(({ assignment, targetAssignment }) =>
    [...assignment, ...targetAssignment].every(({ topicName }) => context.allows('describe', 'topic', topicName)),
  )
}

function nobody(groupId: string, errorCode: number, errorMessage: string | null): DescribedGroup {
  const epochs = { groupEpoch: 0, assignmentEpoch: 0 }
  return { errorCode, errorMessage, groupId, groupState: '', ...epochs, assignorName: '', members: [] }
}
