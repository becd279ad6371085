import type { GroupListing } from '../group/group-requests.ts'
import type { MemberSubscription } from './consumer-group-member.ts'

/** Where a consumer group stands; Kafka's names, as its tools print them. */
export type ConsumerGroupState = 'Empty' | 'Assigning' | 'Reconciling' | 'Stable'

/** Partitions of a topic, by its id. */
export interface TopicPartitionIds {
  readonly topicId: string
  readonly partitions: readonly number[]
}

/** Keeps a member alive, and carries what has changed of it: null for what has not. */
export interface ConsumerGroupHeartbeatRequest {
  readonly groupId: string
  /** Chosen by the member; empty in the first request of clients of version 0: it is given one. */
  readonly memberId: string
  /** 0 to join, -1 to leave, -2 for a static member that leaves for a while; else the epoch that it was told last. */
  readonly memberEpoch: number
  readonly instanceId: string | null
  readonly rackId: string | null
  /** -1: not changed. */
  readonly rebalanceTimeoutMs: number
  readonly topicNames: readonly string[] | null
  /** Empty: no longer. */
  readonly topicRegex: string | null
  readonly serverAssignor: string | null
  /** What the member holds. */
  readonly ownedPartitions: readonly TopicPartitionIds[] | null
  readonly clientId: string
  readonly clientHost: string
  /** The member must bring its id (version 1 and up). */
  readonly requiresMemberId: boolean
  /** Which topics an expression may find for this member. Default: all. */
  readonly allowsTopic?: (name: string) => boolean
}

/** What a member is told. */
export interface ConsumerGroupHeartbeatResponse {
  readonly memberId: string
  readonly memberEpoch: number
  /** How soon the next heartbeat is wanted. */
  readonly heartbeatIntervalMs: number
  /** What the member may hold from now on; null: as before. */
  readonly assignment: readonly TopicPartitionIds[] | null
}

/** A consumer group with its members. */
export interface ConsumerGroupDescription extends GroupListing {
  readonly groupEpoch: number
  /** The group epoch for which the target assignment was made. */
  readonly assignmentEpoch: number
  readonly assignorName: string
  readonly members: readonly DescribedConsumer[]
}

/** A member of a consumer group. */
export interface DescribedConsumer extends MemberSubscription {
  readonly memberId: string
  readonly memberEpoch: number
  readonly assignment: readonly NamedTopicPartitions[]
  readonly targetAssignment: readonly NamedTopicPartitions[]
}

/** Partitions of a topic that is there. */
export interface NamedTopicPartitions extends TopicPartitionIds {
  readonly topicName: string
}

/**
 * The consumer group protocol of KIP-848: `engine.consumerGroups`. The coordinator assigns the partitions; members learn in
 * the answers to their heartbeats what to give up and what to take. Listing and deleting is in `engine.groups`.
 */
export interface ConsumerGroups {
  /**
   * @throws INVALID_REQUEST, GROUP_ID_NOT_FOUND (also of a group of the classic protocol that cannot change over),
   *   UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, UNRELEASED_INSTANCE_ID, FENCED_INSTANCE_ID, UNSUPPORTED_ASSIGNOR,
   *   GROUP_MAX_SIZE_REACHED, INVALID_REGULAR_EXPRESSION
   */
  heartbeat(request: ConsumerGroupHeartbeatRequest): ConsumerGroupHeartbeatResponse
  /** undefined when there is no such group of this protocol. */
  describe(groupId: string): ConsumerGroupDescription | undefined
}
