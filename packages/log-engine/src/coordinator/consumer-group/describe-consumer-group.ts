import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerGroupDescription, NamedTopicPartitions } from './consumer-group-requests.ts'
import { assignorNameOf } from './target-assignment.ts'
import type { TopicCatalog } from './topic-catalog.ts'

/** The group as administrators see it; topics that are gone are left out. */
export function describeConsumerGroup(group: ConsumerGroup, topics: TopicCatalog): ConsumerGroupDescription {
  const named = (assignment: ReadonlyMap<string, { keys(): Iterable<number> }>): NamedTopicPartitions[] =>
    [...assignment].flatMap(([topicId, partitions]) => {
      const topic = topics.byId(topicId)
      if (topic === undefined) return []
      return [{ topicId, topicName: topic.name, partitions: [...partitions.keys()].sort((a, b) => a - b) }]
    })
  return {
    groupId: group.groupId,
    type: 'consumer',
    protocolType: 'consumer',
    state: group.state,
    groupEpoch: group.groupEpoch,
    assignmentEpoch: group.assignmentEpoch,
    assignorName: assignorNameOf(group),
    members: [...group.members.values()].map((member) => ({
      memberId: member.memberId,
      instanceId: member.instanceId,
      rackId: member.rackId,
      clientId: member.clientId,
      clientHost: member.clientHost,
      topicNames: member.topicNames,
      topicRegex: member.topicRegex,
      rebalanceTimeoutMs: member.rebalanceTimeoutMs,
      serverAssignor: member.serverAssignor,
      classic: member.classic,
      memberEpoch: member.memberEpoch,
      assignment: named(member.assigned),
      targetAssignment: named(group.target(member.memberId)),
    })),
  }
}
