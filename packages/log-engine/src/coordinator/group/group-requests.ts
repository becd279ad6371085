import type { ErrorName } from '@millrace/kafka-protocol'
import { EngineError } from '../../engine-error.ts'
import type { TopicPartition } from '../../topic-partition.ts'
import type { ConsumerGroupState } from '../consumer-group/consumer-group-requests.ts'

/** Where a group stands; Kafka's names, as its tools print them. */
export type GroupState = 'Empty' | 'PreparingRebalance' | 'CompletingRebalance' | 'Stable' | 'Dead'

/** A protocol that a member can follow, with its own bytes for it (a consumer: its subscription). */
export interface MemberProtocol {
  readonly name: string
  readonly metadata: Uint8Array
}

/** Enters a group, or enters it again. Bytes are copied. */
export interface JoinGroupRequest {
  readonly groupId: string
  /** Empty for a member that is new, or a static member that has started again. */
  readonly memberId: string
  /** Set for a static member: who starts again under it takes over the membership. */
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly sessionTimeoutMs: number
  /** How long the group waits for this member to rejoin; -1: the session time-out. */
  readonly rebalanceTimeoutMs: number
  /** `consumer`, `connect`; the same for all members. */
  readonly protocolType: string
  /** In the order of preference. */
  readonly protocols: readonly MemberProtocol[]
  /** A new dynamic member is told its id first and joins with its second request (version 4 and up). */
  readonly requiresKnownMemberId: boolean
  /** The leader can be told to leave the assignment as it is (version 9 and up). */
  readonly supportsSkippingAssignment: boolean
}

/** The join phase is over and the generation has begun. */
export interface JoinGroupResponse {
  readonly generationId: number
  readonly protocolType: string
  /** The protocol which the members have chosen by vote. */
  readonly protocolName: string
  /** Member id of the leader. */
  readonly leader: string
  readonly memberId: string
  /** The leader must not hand in an assignment: the one there is stays. */
  readonly skipAssignment: boolean
  /** All members, for the leader; empty for the others. */
  readonly members: readonly JoinedMember[]
}

/** A member as the leader sees it. */
export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  /** Its bytes for the chosen protocol. */
  readonly metadata: Uint8Array
}

/** A member of one generation. */
export interface GenerationMember {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** Asks for one's assignment; the leader's request brings the assignments of all. Bytes are copied. */
export interface SyncGroupRequest extends GenerationMember {
  /** null: not checked. */
  readonly protocolType: string | null
  /** null: not checked. */
  readonly protocolName: string | null
  /** Empty for others than the leader. A member without an entry gets no bytes. */
  readonly assignments: readonly MemberAssignment[]
}

/** What the leader has assigned to a member. */
export interface MemberAssignment {
  readonly memberId: string
  readonly assignment: Uint8Array
}

/** One's assignment in the generation. */
export interface SyncGroupResponse {
  readonly protocolType: string
  readonly protocolName: string
  readonly assignment: Uint8Array
}

/** Keeps a member's session alive. */
export interface HeartbeatRequest extends GenerationMember {}

/** Takes members out of the group. */
export interface LeaveGroupRequest {
  readonly groupId: string
  readonly members: readonly LeavingMember[]
}

/** By its member id, or by its instance id with an empty member id: an administrator takes out a static member. */
export interface LeavingMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
}

/** What became of one of the members that were to leave. */
export interface LeftMember extends LeavingMember {
  /** NONE, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID. */
  readonly error: ErrorName
}

/** A group in a list. */
export interface GroupListing {
  readonly groupId: string
  /** Empty when nobody ever joined: the group has offsets only. */
  readonly protocolType: string
  /** Which protocol its members follow; that of a group without members can change. */
  readonly type: 'classic' | 'consumer'
  readonly state: GroupState | ConsumerGroupState
}

/** A group of the classic protocol with its members. */
export interface GroupDescription extends GroupListing {
  readonly state: GroupState
  /** 0 before the first. */
  readonly generationId: number
  /** Empty unless the group is Stable. */
  readonly protocolName: string
  readonly members: readonly DescribedMember[]
}

/** A member of a group. */
export interface DescribedMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Its bytes for the chosen protocol; empty unless the group is Stable. */
  readonly metadata: Uint8Array
  /** Empty unless the group is Stable. */
  readonly assignment: Uint8Array
}

/** What became of one of the offsets that were to be deleted. */
export interface DeletedOffset extends TopicPartition {
  /** NONE, also when there was none; GROUP_SUBSCRIBED_TO_TOPIC while a member reads the topic. */
  readonly error: ErrorName
}

/** A new member is known from now on under `memberId`, with which it has to ask again within its session time-out. */
export class MemberIdRequiredError extends EngineError {
  readonly memberId: string

  constructor(groupId: string, memberId: string) {
    super('MEMBER_ID_REQUIRED', `A member of group '${groupId}' was named '${memberId}'. Join again with this id.`)
    this.name = 'MemberIdRequiredError'
    this.memberId = memberId
  }
}

/**
 * The classic group protocol: `engine.groups`. Offsets are committed and fetched through `LogEngine.commitOffsets`,
 * `txnOffsetCommit` and `fetchOffsets`, which check the membership they are given.
 *
 * What is refused is refused with an `EngineError`, by throwing or, where a promise is returned, by rejecting it.
 * Besides the errors named below each call can have INVALID_GROUP_ID and LOG_ENGINE_CLOSED.
 */
export interface Groups {
  /**
   * Settles when the join phase ends, at most a rebalance time-out from now.
   * @throws MEMBER_ID_REQUIRED (`MemberIdRequiredError`), UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED,
   *   INCONSISTENT_GROUP_PROTOCOL (also of a group of the other protocol, for who is no consumer), INVALID_SESSION_TIMEOUT,
   *   REBALANCE_IN_PROGRESS, NOT_COORDINATOR (the engine closes)
   */
  join(request: JoinGroupRequest): Promise<JoinGroupResponse>
  /**
   * Settles when the leader has handed in the assignments.
   * @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, INCONSISTENT_GROUP_PROTOCOL,
   *   REBALANCE_IN_PROGRESS (join again), NOT_COORDINATOR (the engine closes)
   */
  sync(request: SyncGroupRequest): Promise<SyncGroupResponse>
  /** @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS (alive, but join again) */
  heartbeat(request: HeartbeatRequest): void
  /** One answer per member, in the order of the request. Members of consumer groups too. */
  leave(request: LeaveGroupRequest): readonly LeftMember[]
  /** undefined when there is no such group, or it follows the other protocol. */
  describe(groupId: string): GroupDescription | undefined
  /** Groups of both protocols by group id; with `states` (case does not matter) only those in one of them. */
  list(states?: readonly string[]): readonly GroupListing[]
  /** Removes the group with its offsets. @throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP */
  delete(groupId: string): void
  /** @throws GROUP_ID_NOT_FOUND, NON_EMPTY_GROUP (of a group with members that are not consumers) */
  deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): readonly DeletedOffset[]
}
