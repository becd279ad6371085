import type { TopicPartition } from '../consumer.ts'

/** A member of the group as the leader sees it. */
export interface AssignedMember {
  readonly memberId: string
  readonly topics: readonly string[]
  /** What it had in its last generation, and still has local state of. */
  readonly previous: readonly TopicPartition[]
}

/**
 * Who reads what. Partitions of the same number go together, whatever the topic, so that those of
 * topics that are joined meet. Each number goes to the member that had most of its partitions, as long as that
 * member has room; the rest goes to those who have least. Members are told apart by their ids, in their order, so that the same
 * input always gives the same assignment.
 *
 * A topic that the chosen member does not subscribe to goes to one that does: during a rolling restart topologies differ.
 */
export function assignPartitions(
  members: readonly AssignedMember[],
  partitionCountOf: (topic: string) => number,
): ReadonlyMap<string, readonly TopicPartition[]> {
  const sorted = [...members].sort((a, b) => (a.memberId < b.memberId ? -1 : 1))
  const assignment = new Map<string, TopicPartition[]>(sorted.map(({ memberId }) => [memberId, []]))
  const topics = [...new Set(sorted.flatMap((member) => member.topics))].sort()
  const width = Math.max(0, ...topics.map(partitionCountOf))
  const loads = new Map<string, number>(sorted.map(({ memberId }) => [memberId, 0]))
  const room = Math.ceil(width / Math.max(1, sorted.length))
  const owners = new Map<number, string>()
  for (let number = 0; number < width; number += 1) {
    const former = formerOwner(sorted, number)
    if (former === undefined || loads.get(former)! >= room) continue
    owners.set(number, former)
    loads.set(former, loads.get(former)! + 1)
  }
  for (let number = 0; number < width; number += 1) {
    if (owners.has(number)) continue
    const least = leastLoaded(sorted, loads)
    owners.set(number, least)
    loads.set(least, loads.get(least)! + 1)
  }
  for (const topic of topics) {
    const subscribed = sorted.filter((member) => member.topics.includes(topic))
    for (let partition = 0; partition < partitionCountOf(topic); partition += 1) {
      const owner = owners.get(partition)!
      const reader = subscribed.some(({ memberId }) => memberId === owner)
        ? owner
        : subscribed[partition % subscribed.length]!.memberId
      assignment.get(reader)!.push({ topic, partition })
    }
  }
  return assignment
}

function formerOwner(members: readonly AssignedMember[], number: number): string | undefined {
  let found: string | undefined
  let most = 0
  for (const { memberId, previous } of members) {
    const count = previous.filter(({ partition }) => partition === number).length
    if (count <= most) continue
    most = count
    found = memberId
  }
  return found
}

function leastLoaded(members: readonly AssignedMember[], loads: ReadonlyMap<string, number>): string {
  return members.reduce(
    (least, { memberId }) => (loads.get(memberId)! < loads.get(least)! ? memberId : least),
    members[0]!.memberId,
  )
}
