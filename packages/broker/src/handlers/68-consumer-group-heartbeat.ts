// ConsumerGroupHeartbeat (68), versions 0–1
// Behaviour
//   * Joins, keeps alive and leaves a group whose partitions the broker assigns (KIP-848). Assignors: uniform, range.
//   * A member gets what others have given up; what it must give up it is told first, and its epoch does not rise before.
//   * Targets are made anew at once when members or topics change.
//   * A group of the classic protocol changes over when the first member of this protocol joins, with its offsets; its members
//     go on, as classic members. GROUP_ID_NOT_FOUND when they are no consumers, their assignor has data of its own in the
//     assignment, or `group.consumer.migration.policy` does not allow it.
//   * When the last member of this protocol goes, a group of classic members changes back.
// Version notes
//   * v1+: expressions, which are matched in linear time; the member brings its id.
// Skipped
//   * Racks are kept but not looked at.

import { errorCodes } from '@millrace/kafka-protocol'
import { consumerGroupHeartbeatApi } from '@millrace/kafka-protocol/messages'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

export const consumerGroupHeartbeatHandler = defineHandler(consumerGroupHeartbeatApi, {
  handle(request, context) {
    if (!context.allows('read', 'group', request.groupId)) {
      return failed(errorCodes.GROUP_AUTHORIZATION_FAILED, `May not read group ${request.groupId}.`)
    }
    const forbidden = forbiddenTopic(request.subscribedTopicNames ?? [], context)
    if (forbidden !== undefined) {
      return failed(errorCodes.TOPIC_AUTHORIZATION_FAILED, `May not describe topic ${forbidden}.`)
    }
    try {
      const { assignment, ...answer } = context.engine.consumerGroups.heartbeat({
        groupId: request.groupId,
        memberId: request.memberId,
        memberEpoch: request.memberEpoch,
        instanceId: request.instanceId,
        rackId: request.rackId,
        rebalanceTimeoutMs: request.rebalanceTimeoutMs,
        topicNames: request.subscribedTopicNames,
        topicRegex: request.subscribedTopicRegex,
        serverAssignor: request.serverAssignor,
        ownedPartitions: request.topicPartitions,
        clientId: context.clientId ?? '',
        clientHost: context.connection.clientHost,
        requiresMemberId: context.version >= 1,
        allowsTopic: (topic) => context.allows('describe', 'topic', topic),
      })
      return {
        errorCode: errorCodes.NONE,
        ...answer,
        assignment: assignment === null ? null : { topicPartitions: assignment },
      }
    } catch (error) {
      return failed(errorCodeOf(error), errorMessageOf(error))
    }
  },
  refuse: (_request, errorCode) => failed(errorCode, null),
})

function forbiddenTopic(topics: readonly string[], context: RequestContext): string | undefined {
  return topics.find((topic) => !context.allows('describe', 'topic', topic))
}

function failed(errorCode: number, errorMessage: string | null) {
  return { errorCode, errorMessage, memberEpoch: 0, heartbeatIntervalMs: 0 }
}
