import type { TopicIdPartitions } from '../consumer-group-member.ts'
import type { AssignedMember, PartitionAssignor } from './partition-assignor.ts'

interface Load {
  readonly member: AssignedMember
  readonly partitions: OwnedPartition[]
}

interface OwnedPartition {
  readonly topicId: string
  readonly partition: number
}

/**
 * Gives all members as many partitions as their subscriptions allow, and moves no more of them than that takes. When all
 * subscribe to the same topics, their numbers differ by at most one.
 * @see org.apache.kafka.coordinator.group.assignor.UniformAssignor (Kafka's choice among equals is another)
 */
export const uniformAssignor: PartitionAssignor = (members, partitions) => {
  const loads = members.map((member): Load => ({ member, partitions: [] }))
  const subscribers = new Map<string, Load[]>()
  for (const load of loads) {
    for (const topicId of load.member.topicIds) {
      const known = subscribers.get(topicId)
      if (known === undefined) subscribers.set(topicId, [load])
      else known.push(load)
    }
  }
  for (const orphan of keepWhatIsHeld(loads, partitions, subscribers)) {
    leastLoaded(subscribers.get(orphan.topicId)!).partitions.push(orphan)
  }
  while (moveOne(loads, subscribers)) {
    // Each move makes the loads more even, so there is a last one.
  }
  return new Map(loads.map((load) => [load.member.memberId, byTopic(load.partitions)]))
}

/** Returns what nobody holds, the partitions with the fewest possible takers first. */
function keepWhatIsHeld(
  loads: readonly Load[],
  counts: ReadonlyMap<string, number>,
  subscribers: ReadonlyMap<string, readonly Load[]>,
): OwnedPartition[] {
  const taken = new Map([...counts.keys()].map((topicId) => [topicId, new Set<number>()]))
  for (const { member, partitions } of loads) {
    for (const [topicId, held] of member.target) {
      const already = taken.get(topicId)
      if (already === undefined || !member.topicIds.has(topicId)) continue
      for (const partition of held) {
        if (partition >= counts.get(topicId)! || already.has(partition)) continue
        already.add(partition)
        partitions.push({ topicId, partition })
      }
    }
  }
  const orphans: OwnedPartition[] = []
  const topics = [...counts].sort(([a], [b]) => subscribers.get(a)!.length - subscribers.get(b)!.length)
  for (const [topicId, count] of topics) {
    const already = taken.get(topicId)!
    for (let partition = 0; partition < count; partition++) {
      if (!already.has(partition)) orphans.push({ topicId, partition })
    }
  }
  return orphans
}

/** Takes one partition from a member that has at least two more than another that could hold it; false when there is none. */
function moveOne(loads: Load[], subscribers: ReadonlyMap<string, readonly Load[]>): boolean {
  loads.sort((a, b) => b.partitions.length - a.partitions.length)
  for (const { partitions } of loads) {
    for (let i = partitions.length - 1; i >= 0; i--) {
      const taker = leastLoaded(subscribers.get(partitions[i]!.topicId)!)
      if (taker.partitions.length + 1 >= partitions.length) continue
      taker.partitions.push(...partitions.splice(i, 1))
      return true
    }
  }
  return false
}

function leastLoaded(loads: readonly Load[]): Load {
  let least = loads[0]!
  for (const load of loads) if (load.partitions.length < least.partitions.length) least = load
  return least
}

function byTopic(partitions: readonly OwnedPartition[]): TopicIdPartitions {
  const topics = new Map<string, Set<number>>()
  for (const { topicId, partition } of partitions) {
    const known = topics.get(topicId)
    if (known === undefined) topics.set(topicId, new Set([partition]))
    else known.add(partition)
  }
  return topics
}
