// OffsetCommit (8), versions 2–10
// Behaviour
//   * Commits offsets, of a member of the group or, while the group has no members, of anybody.
//   * Answers when they are as durable as the engine's flush policy says.
// Version notes
//   * v9+: members of consumer groups, at their epochs (STALE_MEMBER_EPOCH); a member of a group that is not there is told
//     GROUP_ID_NOT_FOUND, before v9 ILLEGAL_GENERATION.
//   * v2–4: the retention time is ignored; offsets live while the group does, and some days longer.
//   * v10: topics by id.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { offsetCommitApi } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf } from '../error-mapping.ts'
import { groupMetadataOf } from '../group-metadata.ts'
import { defineHandler } from '../handler.ts'
import { commitEach, refuseCommit } from '../offset-answers.ts'
import type { RequestContext } from '../request-context.ts'

export const offsetCommitHandler = defineHandler(offsetCommitApi, {
  handle(request, context) {
    if (!context.allows('read', 'group', request.groupId)) {
      return refuseCommit(request.topics, errorCodes.GROUP_AUTHORIZATION_FAILED)
    }
    const { groupId, generationIdOrMemberEpoch, memberId, groupInstanceId } = request
    const group = groupMetadataOf(groupId, generationIdOrMemberEpoch, memberId, groupInstanceId)
    const { topicIds } = context.broker
    const named = (topicId: string): string => topicIds.find(topicId)?.name ?? ''
    const topics =
      context.version < 10 ? request.topics : request.topics.map((topic) => ({ ...topic, name: named(topic.topicId) }))
    return commitEach(topics, context, async (offsets) => {
      try {
        await context.engine.commitOffsets(group, offsets)
      } catch (error) {
        throw isWithoutGroup(error, groupId, context) ? noSuchGroup(groupId) : error
      }
    })
  },
  refuse: (request, errorCode) => refuseCommit(request.topics, errorCode),
})

function isWithoutGroup(error: unknown, groupId: string, { engine, version }: RequestContext): boolean {
  if (version < 9 || errorCodeOf(error) !== errorCodes.ILLEGAL_GENERATION) return false
  return engine.groups.describe(groupId) === undefined
}

function noSuchGroup(groupId: string): RequestError {
  return new RequestError('GROUP_ID_NOT_FOUND', `There is no group '${groupId}'.`)
}
