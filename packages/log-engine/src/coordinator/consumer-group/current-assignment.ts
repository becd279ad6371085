import {
  type ConsumerGroupMember,
  type CurrentAssignment,
  type HeldPartitions,
  holdsTheSame,
  type TopicIdPartitions,
} from './consumer-group-member.ts'
import type { TopicPartitionIds } from './consumer-group-requests.ts'

/** What decides on a member's next step. */
export interface Reconciliation {
  readonly targetEpoch: number
  readonly target: TopicIdPartitions
  /** What the member says it holds; null: it has not said. */
  readonly ownedPartitions: readonly TopicPartitionIds[] | null
  /** Whether some member holds the partition. */
  readonly isHeld: (topicId: string, partition: number) => boolean
}

/**
 * The next step of a member towards its target: first it gives up what it must not keep, and stays at its epoch until it
 * has; then it gets what others have given up, at the target's epoch. Undefined when there is nothing to change.
 * @see org.apache.kafka.coordinator.group.modern.consumer.CurrentAssignmentBuilder
 */
export function nextAssignment(
  member: ConsumerGroupMember,
  reconciliation: Reconciliation,
): CurrentAssignment | undefined {
  const { memberEpoch, state, pendingRevocation } = member
  if (state === 'unrevoked-partitions') {
    if (stillOwns(reconciliation.ownedPartitions, pendingRevocation)) return undefined
    return compute(member, memberEpoch + 1, reconciliation)
  }
  if (state === 'stable' && memberEpoch === reconciliation.targetEpoch) return undefined
  return compute(member, memberEpoch, reconciliation)
}

function compute(
  member: ConsumerGroupMember,
  memberEpoch: number,
  { targetEpoch, target, ownedPartitions, isHeld }: Reconciliation,
): CurrentAssignment | undefined {
  const kept = new Map<string, Map<number, number>>()
  const revoked = new Map<string, Map<number, number>>()
  for (const [topicId, partitions] of member.assigned) {
    for (const [partition, epoch] of partitions) {
      const isKept = target.get(topicId)?.has(partition) ?? false
      put(isKept ? kept : revoked, topicId, partition, epoch)
    }
  }
  if (revoked.size > 0 && stillOwns(ownedPartitions, revoked)) {
    return change(member, memberEpoch, 'unrevoked-partitions', kept, revoked)
  }
  let isWaiting = false
  const assigned = new Map([...kept].map(([topicId, partitions]) => [topicId, new Map(partitions)]))
  for (const [topicId, partitions] of target) {
    for (const partition of partitions) {
      if (kept.get(topicId)?.has(partition)) continue
      if (isHeld(topicId, partition)) isWaiting = true
      else put(assigned, topicId, partition, targetEpoch)
    }
  }
  return change(member, targetEpoch, isWaiting ? 'unreleased-partitions' : 'stable', assigned, new Map())
}

function change(
  member: ConsumerGroupMember,
  memberEpoch: number,
  state: CurrentAssignment['state'],
  assigned: HeldPartitions,
  pendingRevocation: HeldPartitions,
): CurrentAssignment | undefined {
  const isSame =
    member.memberEpoch === memberEpoch &&
    member.state === state &&
    holdsTheSame(member.assigned, assigned) &&
    holdsTheSame(member.pendingRevocation, pendingRevocation)
  if (isSame) return undefined
  // A member that did not hear of this change comes again with the epoch before it.
  return { memberEpoch, previousMemberEpoch: member.memberEpoch, state, assigned, pendingRevocation }
}

/** A member that does not say what it holds holds everything. */
function stillOwns(owned: readonly TopicPartitionIds[] | null, partitions: HeldPartitions): boolean {
  if (owned === null) return true
  return owned.some((topic) => topic.partitions.some((one) => partitions.get(topic.topicId)?.has(one)))
}

function put(topics: Map<string, Map<number, number>>, topicId: string, partition: number, epoch: number): void {
  const partitions = topics.get(topicId) ?? new Map<number, number>()
  partitions.set(partition, epoch)
  topics.set(topicId, partitions)
}
