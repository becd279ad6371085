import { ProtocolError, readAssignment, readSubscription, writeAssignment } from '@millrace/kafka-protocol'
import type { MemberProtocol } from '../group/group-requests.ts'
import type { TopicIdPartitions } from './consumer-group-member.ts'
import type { TopicPartitionIds } from './consumer-group-requests.ts'
import type { TopicCatalog } from './topic-catalog.ts'

/** How a member of a consumer group takes part that follows the classic protocol. */
export interface ClassicMember {
  readonly sessionTimeoutMs: number
  /** In the order of its preference. */
  readonly protocols: readonly MemberProtocol[]
}

/** What a classic member's bytes say, in the terms of the consumer group protocol. */
export interface ClassicSubscription {
  readonly topicNames: readonly string[]
  readonly ownedPartitions: readonly TopicPartitionIds[]
}

/** Reads a subscription of the consumers' embedded protocol; undefined when the bytes are none. */
export function readClassicSubscription(bytes: Uint8Array, topics: TopicCatalog): ClassicSubscription | undefined {
  return ifReadable(() => {
    const { topics: names, ownedPartitions } = readSubscription(bytes)
    const owned = [...idsOf(ownedPartitions, topics)]
    return {
      topicNames: [...new Set(names)].sort(),
      ownedPartitions: owned.map(([topicId, partitions]) => ({ topicId, partitions: [...partitions] })),
    }
  })
}

/** Reads an assignment; undefined when the bytes are none, or hold what only the member's own assignor understands. */
export function readClassicAssignment(bytes: Uint8Array, topics: TopicCatalog): TopicIdPartitions | undefined {
  return ifReadable(() => {
    const { partitions, userData } = readAssignment(bytes)
    return (userData?.length ?? 0) > 0 ? undefined : idsOf(partitions, topics)
  })
}

/** An assignment as a classic member reads it; topics that are gone are left out. */
export function classicAssignment(
  assigned: ReadonlyMap<string, { keys(): Iterable<number> }>,
  topics: TopicCatalog,
): Uint8Array {
  return writeAssignment(
    [...assigned].flatMap(([topicId, partitions]) => {
      const topic = topics.byId(topicId)?.name
      return topic === undefined ? [] : [...partitions.keys()].map((partition) => ({ topic, partition }))
    }),
  )
}

function idsOf(
  partitions: readonly { readonly topic: string; readonly partition: number }[],
  topics: TopicCatalog,
): Map<string, Set<number>> {
  const ids = new Map<string, Set<number>>()
  for (const { topic, partition } of partitions) {
    const topicId = topics.get(topic)?.topicId
    if (topicId === undefined) continue
    const own = ids.get(topicId) ?? new Set()
    ids.set(topicId, own.add(partition))
  }
  return ids
}

function ifReadable<T>(read: () => T): T | undefined {
  try {
    return read()
  } catch (error) {
    if (error instanceof ProtocolError || error instanceof RangeError) return undefined
    throw error
  }
}
