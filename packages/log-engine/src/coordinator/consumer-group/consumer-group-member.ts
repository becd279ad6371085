import type { ClassicMember } from './classic-member.ts'

/** Partitions by topic id. */
export type TopicIdPartitions = ReadonlyMap<string, ReadonlySet<number>>

/** Partitions that a member holds, by topic id, each with the member epoch at which it was assigned. */
export type HeldPartitions = ReadonlyMap<string, ReadonlyMap<number, number>>

/**
 * Where a member stands on the way to its target assignment.
 *
 *                     what it must give up                 what it gets is held by others
 *      ┌────────┐     ┌──────────────────────┐  given up   ┌───────────────────────┐
 *  ──► │ stable │ ──► │ unrevoked-partitions │ ──────────► │ unreleased-partitions │ ──► stable
 *      └────────┘     └──────────────────────┘             └───────────────────────┘
 *
 * @see org.apache.kafka.coordinator.group.modern.MemberState
 */
export type MemberState = 'stable' | 'unrevoked-partitions' | 'unreleased-partitions'

/** What a member has said of itself. */
export interface MemberSubscription {
  readonly instanceId: string | null
  readonly rackId: string | null
  readonly clientId: string
  readonly clientHost: string
  readonly topicNames: readonly string[]
  /** null: none. */
  readonly topicRegex: string | null
  readonly rebalanceTimeoutMs: number
  /** The assignor that it asks for; null: any. */
  readonly serverAssignor: string | null
  /** null: it follows the consumer group protocol. */
  readonly classic: ClassicMember | null
}

/** What a member holds. */
export interface CurrentAssignment {
  /** 0 before the first assignment; -2 for a static member that has left for a while. */
  readonly memberEpoch: number
  readonly previousMemberEpoch: number
  readonly state: MemberState
  readonly assigned: HeldPartitions
  /** What the member has not given up yet. */
  readonly pendingRevocation: HeldPartitions
}

/**
 * A member of a consumer group as the log says; never changed in place.
 * @see org.apache.kafka.coordinator.group.modern.consumer.ConsumerGroupMember
 */
export interface ConsumerGroupMember extends MemberSubscription, CurrentAssignment {
  readonly memberId: string
}

/** The epoch with which a member leaves. */
export const leaveEpoch = -1
/** The epoch with which a static member leaves for a while. */
export const staticLeaveEpoch = -2

const noPartitions: HeldPartitions = new Map()

/** A member that holds nothing. */
export const nothingAssigned: CurrentAssignment = {
  memberEpoch: 0,
  previousMemberEpoch: 0,
  state: 'stable',
  assigned: noPartitions,
  pendingRevocation: noPartitions,
}

/** Whether two members hold the same, at whatever epochs. */
export function holdsTheSame(a: HeldPartitions, b: HeldPartitions): boolean {
  if (a.size !== b.size) return false
  for (const [topicId, partitions] of a) {
    const others = b.get(topicId)
    if (others === undefined || others.size !== partitions.size) return false
    for (const partition of partitions.keys()) if (!others.has(partition)) return false
  }
  return true
}
