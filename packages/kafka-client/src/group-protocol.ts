import { readSubscription, writeAssignment, writeSubscription } from '@millrace/kafka-protocol'
import type { Cluster } from './cluster.ts'
import { rangeAssignment } from './range-assignor.ts'

/** How the members of a group agree on who reads what. All members of a group have one of the same name. */
export interface GroupProtocol {
  readonly name: string
  /** What this member tells the one that assigns; -1: it was in no generation yet. */
  subscription(lastGenerationId: number): Uint8Array
  /** The leader's part: an assignment for each member, as `writeAssignment` writes it. */
  assign(
    members: readonly { readonly memberId: string; readonly metadata: Uint8Array }[],
  ): Promise<{ memberId: string; assignment: Uint8Array }[]>
}

/** Kafka's `range`, which nearly all clients know. */
export function rangeProtocol(cluster: Cluster, topics: readonly string[]): GroupProtocol {
  return {
    name: 'range',
    subscription: () => writeSubscription({ topics, ownedPartitions: [] }),
    async assign(joined) {
      const members = joined.map(({ memberId, metadata }) => ({ memberId, subscription: readSubscription(metadata) }))
      const counts = new Map<string, number>()
      for (const topic of new Set(members.flatMap(({ subscription }) => subscription.topics))) {
        counts.set(topic, (await cluster.topic(topic)).partitions.length)
      }
      const assignment = rangeAssignment(members, (topic) => counts.get(topic) ?? 0)
      return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: writeAssignment(partitions) }))
    },
  }
}
