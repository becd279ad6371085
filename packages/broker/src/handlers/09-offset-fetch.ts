// OffsetFetch (9), versions 1–10
// Behaviour
//   * A partition without committed offset answers offset -1 and no error.
//   * Null topics: everything the group has committed, less what the client may not describe.
// Version notes
//   * v7+: requireStable: UNSTABLE_OFFSET_COMMIT for partitions with offsets in an open transaction.
//   * v8+: many groups.  * v9: a member of a consumer group is checked (UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH).
//   * v10: topics by id.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { offsetFetchApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import type { CommittedOffset, TopicPartition } from '@millrace/log-engine'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type AskedTopics = RequestOf<typeof offsetFetchApi>['topics']
type AskedGroup = RequestOf<typeof offsetFetchApi>['groups'][number]

interface PartitionAnswer {
  readonly partitionIndex: number
  readonly committedOffset: number
  readonly committedLeaderEpoch: number
  readonly metadata: string
  readonly errorCode: number
}

interface GroupAnswer {
  readonly groupId: string
  readonly errorCode: number
  readonly topics: readonly TopicAnswer[]
}

interface TopicAnswer {
  readonly name: string
  readonly topicId?: string
  readonly partitions: readonly PartitionAnswer[]
}

export const offsetFetchHandler = defineHandler(offsetFetchApi, {
  handle(request, context) {
    if (context.version >= 8) {
      return {
        groups: request.groups.map((group) => memberAnswer(group, request.requireStable, context)),
      }
    }
    const { topics, errorCode } = groupAnswer(request.groupId, request.topics, request.requireStable, context)
    return { topics, errorCode }
  },
  refuse: (request, errorCode) => ({
    errorCode,
    groups: request.groups.map(({ groupId }) => ({ groupId, errorCode, topics: [] })),
  }),
})

/** A member of a consumer group that is at another epoch is refused as a whole. */
function memberAnswer(group: AskedGroup, requireStable: boolean, context: RequestContext): GroupAnswer {
  const { groupId, topics, memberId, memberEpoch } = group
  try {
    if (memberId !== null && context.allows('describe', 'group', groupId)) {
      context.engine.fetchOffsets(groupId, [], { member: { memberId, generationId: memberEpoch } })
    }
    if (context.version < 10) return groupAnswer(groupId, topics, requireStable, context)
    return answerById(groupId, topics, requireStable, context)
  } catch (error) {
    return { groupId, errorCode: errorCodeOf(error), topics: [] }
  }
}

/** Asks by name and answers by id; ids of no topic with UNKNOWN_TOPIC_ID. */
function answerById(
  groupId: string,
  asked: AskedGroup['topics'],
  requireStable: boolean,
  context: RequestContext,
): GroupAnswer {
  const nameOf = (topicId: string): string | undefined => context.broker.topicIds.find(topicId)?.name
  const known = asked?.flatMap((topic) => {
    const name = nameOf(topic.topicId)
    return name === undefined ? [] : [{ ...topic, name }]
  })
  const answer = groupAnswer(groupId, known ?? null, requireStable, context)
  const topics = answer.topics.flatMap((topic): TopicAnswer[] => {
    const topicId = context.engine.describeTopic(topic.name)?.topicId
    return topicId === undefined ? [] : [{ ...topic, topicId }]
  })
  const unknown = (asked ?? []).filter(({ topicId }) => nameOf(topicId) === undefined)
  const refused = unknown.map(({ topicId, partitionIndexes }): TopicAnswer => {
    const partitions = partitionIndexes.map((partition) => ({ topic: '', partition }))
    const offsets = partitions.map((partition) => without(partition, errorCodes.UNKNOWN_TOPIC_ID))
    return { name: '', topicId, partitions: offsets.map(partitionAnswer) }
  })
  return { ...answer, topics: [...topics, ...refused] }
}

function groupAnswer(
  groupId: string,
  asked: AskedTopics,
  requireStable: boolean,
  context: RequestContext,
): GroupAnswer {
  if (!context.allows('describe', 'group', groupId)) {
    return { groupId, errorCode: errorCodes.GROUP_AUTHORIZATION_FAILED, topics: [] }
  }
  const fetch = (partitions: readonly TopicPartition[] | null): readonly PartitionOffset[] =>
    fetchEach(groupId, partitions, requireStable, context)
  if (asked === null) {
    const all = fetch(null).filter(({ topic }) => context.allows('describe', 'topic', topic))
    return { groupId, errorCode: errorCodes.NONE, topics: byTopic(all) }
  }
  const offsets = asked.flatMap(({ name, partitionIndexes }) => {
    const partitions = partitionIndexes.map((partition) => ({ topic: name, partition }))
    if (context.allows('describe', 'topic', name)) return fetch(partitions)
    return partitions.map((one) => without(one, errorCodes.TOPIC_AUTHORIZATION_FAILED))
  })
  return { groupId, errorCode: errorCodes.NONE, topics: byTopic(offsets) }
}

interface PartitionOffset extends CommittedOffset {
  readonly errorCode: number
}

/** When one partition is unstable the engine refuses them all: then each is asked for by itself. */
function fetchEach(
  groupId: string,
  partitions: readonly TopicPartition[] | null,
  requireStable: boolean,
  context: RequestContext,
): readonly PartitionOffset[] {
  const { engine } = context
  const one = (asked: readonly TopicPartition[] | null): readonly PartitionOffset[] =>
    engine.fetchOffsets(groupId, asked, { requireStable }).map((offset) => ({ ...offset, errorCode: errorCodes.NONE }))
  try {
    return one(partitions)
  } catch (error) {
    const code = errorCodeOf(error)
    if (code !== errorCodes.UNSTABLE_OFFSET_COMMIT) throw error
    const each = partitions ?? engine.fetchOffsets(groupId, null)
    return each.flatMap((partition) => {
      try {
        return one([partition])
      } catch (second) {
        return [without(partition, errorCodeOf(second))]
      }
    })
  }
}

function without({ topic, partition }: TopicPartition, errorCode: number): PartitionOffset {
  return { topic, partition, offset: -1, leaderEpoch: -1, metadata: '', errorCode }
}

function byTopic(offsets: readonly PartitionOffset[]): readonly TopicAnswer[] {
  const topics = new Map<string, PartitionAnswer[]>()
  for (const offset of offsets) {
    const known = topics.get(offset.topic)
    if (known === undefined) topics.set(offset.topic, [partitionAnswer(offset)])
    else known.push(partitionAnswer(offset))
  }
  return [...topics].map(([name, partitions]) => ({ name, partitions }))
}

function partitionAnswer({ partition, offset, leaderEpoch, metadata, errorCode }: PartitionOffset): PartitionAnswer {
  return {
    partitionIndex: partition,
    committedOffset: offset,
    committedLeaderEpoch: leaderEpoch,
    metadata,
    errorCode,
  }
}
