import type { TopicPartition } from '../consumer.ts'

/** A member of the group as the one who assigns sees it. */
export interface SubscribedMember {
  readonly memberId: string
  readonly groupInstanceId: string | undefined
  readonly topics: readonly string[]
  /** What it has not given back for this rebalance. */
  readonly ownedPartitions: readonly TopicPartition[]
  /** What its assignor has said for it; null: nothing. */
  readonly userData: Uint8Array | null
}

/** What a member is given. */
export interface MemberAssignment {
  readonly partitions: readonly TopicPartition[]
  /** What the leader's assignor says to the member's. */
  readonly userData: Uint8Array | null
}

/**
 * How the members of a group agree on who does what. Each member has one; that of the leader assigns.
 * @see org.apache.kafka.clients.consumer.ConsumerPartitionAssignor
 */
export interface GroupAssignor {
  /** The protocol's name; members with different ones cannot be in one group. */
  readonly name: string
  /** What this member says of itself, asked before each join; `generationId`: its last one, -1 before the first. */
  userData(generationId: number): Uint8Array | null
  /** The leader's part: what each member is given. The counts of all subscribed topics are fresh. */
  assign(
    members: readonly SubscribedMember[],
    partitionCount: (topic: string) => number,
  ): Promise<ReadonlyMap<string, MemberAssignment>>
  /** What this member was given; called before its listener hears of the partitions. */
  onAssignment(assignment: MemberAssignment, generationId: number): void
}
