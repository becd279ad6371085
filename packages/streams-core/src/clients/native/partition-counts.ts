import type { Cluster } from '@millrace/kafka-client'

/**
 * How many partitions topics have, as the clients of one supplier last heard: records are given their partition without
 * waiting for the cluster.
 */
export class PartitionCounts {
  readonly #counts = new Map<string, number>()

  get(topic: string): number | undefined {
    return this.#counts.get(topic)
  }

  /** Asks for the topics, or with null for all of them. */
  async refresh(cluster: Cluster, topics: readonly string[] | null): Promise<void> {
    await cluster.refresh(topics)
    for (const { name, partitions } of cluster.knownTopics) this.#counts.set(name, partitions.length)
  }
}
