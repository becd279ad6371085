import type { AssignedMember, PartitionAssignor } from './assignors/partition-assignor.ts'
import { rangeAssignor } from './assignors/range-assignor.ts'
import { uniformAssignor } from './assignors/uniform-assignor.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { TopicIdPartitions } from './consumer-group-member.ts'
import type { ConsumerGroupRecord } from './consumer-group-records.ts'
import type { TopicCatalog } from './topic-catalog.ts'

/** The assignors that a member may ask for; the first is used when nobody asks. */
export const assignors: ReadonlyMap<string, PartitionAssignor> = new Map([
  ['uniform', uniformAssignor],
  ['range', rangeAssignor],
])

/** The assignor that most members ask for. */
export function assignorNameOf(group: ConsumerGroup): string {
  const votes = new Map<string, number>()
  for (const { serverAssignor } of group.members.values()) {
    if (serverAssignor !== null) votes.set(serverAssignor, (votes.get(serverAssignor) ?? 0) + 1)
  }
  const [first] = [...votes].sort(([, a], [, b]) => b - a)
  return first?.[0] ?? 'uniform'
}

/**
 * Assigns the topics of the group anew: the records of the members whose target changes, then that of the target's epoch.
 * @see org.apache.kafka.coordinator.group.modern.TargetAssignmentBuilder
 */
export function assignTargets(group: ConsumerGroup, topics: TopicCatalog): ConsumerGroupRecord[] {
  const { groupId } = group
  const partitions = new Map<string, number>()
  const members = [...group.members.values()].map((member): AssignedMember => {
    const topicIds = new Set<string>()
    for (const name of group.topicNamesOf(member)) {
      const topic = topics.get(name)
      if (topic === undefined) continue
      topicIds.add(topic.topicId)
      partitions.set(topic.topicId, topic.partitions)
    }
    const { memberId, instanceId } = member
    return { memberId, instanceId, topicIds, target: group.target(memberId) }
  })
  const targets = assignors.get(assignorNameOf(group))!(members, partitions)
  const records: ConsumerGroupRecord[] = []
  for (const { memberId, target: before } of members) {
    const value = targets.get(memberId)!
    if (!isSame(before, value)) records.push({ kind: 'member-target', groupId, memberId, value })
  }
  return [...records, { kind: 'target', groupId, value: group.groupEpoch }]
}

function isSame(a: TopicIdPartitions, b: TopicIdPartitions): boolean {
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others?.size !== partitions.size) return false
    for (const partition of partitions) if (!others.has(partition)) return false
  }
  return true
}
