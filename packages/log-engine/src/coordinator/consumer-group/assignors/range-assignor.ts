import type { AssignedMember, PartitionAssignor } from './partition-assignor.ts'

/**
 * Gives each member a run of consecutive partitions of each topic; the first members get one more where the division leaves
 * a rest. Members keep their order, so that topics with as many partitions, and the same subscribers, go together.
 * @see org.apache.kafka.coordinator.group.assignor.RangeAssignor
 */
export const rangeAssignor: PartitionAssignor = (members, partitions) => {
  const ordered = [...members].sort((a, b) => (placeOf(a) < placeOf(b) ? -1 : 1))
  const targets = new Map(members.map(({ memberId }) => [memberId, new Map<string, Set<number>>()]))
  for (const [topicId, count] of partitions) {
    const subscribers = ordered.filter(({ topicIds }) => topicIds.has(topicId))
    const share = Math.floor(count / subscribers.length)
    const rest = count % subscribers.length
    let next = 0
    for (const [i, { memberId }] of subscribers.entries()) {
      const end = next + share + (i < rest ? 1 : 0)
      const own = new Set<number>()
      while (next < end) own.add(next++)
      if (own.size > 0) targets.get(memberId)!.set(topicId, own)
    }
  }
  return targets
}

/** A static member keeps its place when it starts again under another member id. */
function placeOf({ instanceId, memberId }: AssignedMember): string {
  return instanceId === null ? `1${memberId}` : `0${instanceId}`
}
