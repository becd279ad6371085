import type { GroupMetadata } from '../consumer.ts'

/** A member that enters a group, or its next generation. */
export interface JoinRequest {
  readonly groupId: string
  /** Empty: a new member. */
  readonly memberId: string
  /** Undefined: a dynamic member. */
  readonly groupInstanceId: string | undefined
  readonly sessionTimeoutMs: number
  readonly rebalanceTimeoutMs: number
  readonly protocolName: string
  /** What the member says to the leader, in the bytes of ConsumerProtocol. */
  readonly subscription: Uint8Array
}

/** A member as the leader hears of it. */
export interface JoinedMember {
  readonly memberId: string
  readonly groupInstanceId: string | undefined
  readonly subscription: Uint8Array
}

/** The member was named, and has to join again under that name; or the generation has begun. */
export type JoinAnswer =
  | { readonly kind: 'named'; readonly memberId: string }
  | {
      readonly kind: 'joined'
      readonly memberId: string
      readonly generationId: number
      readonly protocolName: string
      /** This member assigns. */
      readonly isLeader: boolean
      /** All members, for the leader. */
      readonly members: readonly JoinedMember[]
    }

/** What the leader gives a member, in the bytes of ConsumerProtocol. */
export interface SyncedAssignment {
  readonly memberId: string
  readonly assignment: Uint8Array
}

/**
 * The coordinator of a group as its members reach it: by requests to a broker, or by calls of a log engine in the same
 * process. Every call rejects with a ClientError whose `code` is Kafka's error name.
 * @see org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */
export interface GroupCoordinator {
  /** Finds out where the coordinator is, anew when it was known. */
  locate(): Promise<void>
  /** Settles when the join phase ends, at the latest a rebalance time-out from now. */
  join(request: JoinRequest): Promise<JoinAnswer>
  /** Settles with this member's assignment when the leader has handed in all of them. */
  sync(
    member: GroupMetadata,
    protocolName: string,
    assignments: readonly SyncedAssignment[],
    waitMs: number,
  ): Promise<Uint8Array>
  heartbeat(member: GroupMetadata): Promise<void>
  /** `isEntering`: a join or sync of this member is under way, and must not keep this call waiting. */
  leave(member: GroupMetadata, isEntering: boolean): Promise<void>
}

/** Topics as a member of a group sees them. */
export interface GroupTopics {
  /** The topics that a subscription names now. */
  subscribed(subscription: readonly string[] | RegExp): Promise<readonly string[]>
  /** Learns how many partitions these topics have now. */
  refresh(topics: readonly string[]): Promise<void>
  /** 0 for a topic that does not exist. */
  partitionCount(topic: string): number
}
