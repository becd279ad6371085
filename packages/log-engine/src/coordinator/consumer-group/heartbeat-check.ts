import { EngineError } from '../../engine-error.ts'
import { assertGroupId } from '../group/join-check.ts'
import { leaveEpoch, staticLeaveEpoch } from './consumer-group-member.ts'
import type { ConsumerGroupHeartbeatRequest } from './consumer-group-requests.ts'
import { linearPattern } from './linear-pattern.ts'
import { assignors } from './target-assignment.ts'

/** Ids and names are kept behind an int16 in some records. */
const maxTextBytes = 32_767

/**
 * Refuses what no group accepts.
 * @throws INVALID_REQUEST, UNSUPPORTED_ASSIGNOR, INVALID_REGULAR_EXPRESSION, INVALID_GROUP_ID
 */
export function assertValidHeartbeat(request: ConsumerGroupHeartbeatRequest): void {
  const { groupId, memberId, memberEpoch, instanceId, rackId, serverAssignor } = request
  if (groupId === '') throw invalid(groupId, 'GroupId must not be empty')
  assertGroupId(groupId)
  if (instanceId === '') throw invalid(groupId, 'InstanceId must not be empty; leave it out')
  if (rackId === '') throw invalid(groupId, 'RackId must not be empty; leave it out')
  if (memberId === '' && (request.requiresMemberId || memberEpoch !== 0)) {
    throw invalid(groupId, 'MemberId must not be empty')
  }
  if (memberEpoch < staticLeaveEpoch) throw invalid(groupId, `MemberEpoch ${memberEpoch} is not an epoch`)
  if (memberEpoch === staticLeaveEpoch && instanceId === null) {
    throw invalid(groupId, 'InstanceId is needed: only a static member leaves for a while')
  }
  if (memberEpoch === 0) assertFull(request)
  for (const text of [memberId, request.clientId, request.topicRegex ?? '', instanceId ?? '']) {
    if (Buffer.byteLength(text) > maxTextBytes) throw invalid(groupId, 'an id or expression is too long')
  }
  if (request.topicRegex) linearPattern(groupId, request.topicRegex)
  if (serverAssignor !== null && !assignors.has(serverAssignor)) {
    const known = [...assignors.keys()].join(', ')
    throw new EngineError(
      'UNSUPPORTED_ASSIGNOR',
      `A member of group '${groupId}' asks for the assignor '${serverAssignor}'. Set 'group.remote.assignor' to one of: ${known}.`,
    )
  }
}

/** A member that joins says everything, and holds nothing. */
function assertFull(request: ConsumerGroupHeartbeatRequest): void {
  const { groupId, rebalanceTimeoutMs, topicNames, topicRegex, ownedPartitions } = request
  if (rebalanceTimeoutMs === -1) throw invalid(groupId, 'RebalanceTimeoutMs must be given when joining')
  if (ownedPartitions === null || ownedPartitions.length > 0) {
    throw invalid(groupId, 'TopicPartitions must be empty when joining')
  }
  if (topicNames === null && topicRegex === null) {
    throw invalid(groupId, 'SubscribedTopicNames or SubscribedTopicRegex must be given when joining')
  }
}

/** Whether a member leaves, for good or for a while. */
export function isLeaving({ memberEpoch }: ConsumerGroupHeartbeatRequest): boolean {
  return memberEpoch === leaveEpoch || memberEpoch === staticLeaveEpoch
}

function invalid(groupId: string, reason: string): EngineError {
  return new EngineError('INVALID_REQUEST', `A heartbeat for consumer group '${groupId}' is refused: ${reason}.`)
}
