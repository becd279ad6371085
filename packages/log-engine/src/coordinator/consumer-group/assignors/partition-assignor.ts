import type { TopicIdPartitions } from '../consumer-group-member.ts'

/** A member as an assignor sees it. */
export interface AssignedMember {
  readonly memberId: string
  readonly instanceId: string | null
  /** Ids of the topics that it subscribes to; all of them exist. */
  readonly topicIds: ReadonlySet<string>
  /** What it was to hold until now. */
  readonly target: TopicIdPartitions
}

/**
 * Decides who shall hold which partitions: each partition of a topic goes to one of the members that subscribe to it.
 * @param partitions how many each topic has, by id
 * @returns the targets by member id
 * @see org.apache.kafka.coordinator.group.api.assignor.PartitionAssignor
 */
export type PartitionAssignor = (
  members: readonly AssignedMember[],
  partitions: ReadonlyMap<string, number>,
) => ReadonlyMap<string, TopicIdPartitions>
