import { type Cluster, Admin as KafkaAdmin, type ListedOffset } from '@millrace/kafka-client'
import type { Admin, TopicDescription, TopicSpec } from '../admin.ts'
import type { TopicPartition } from '../consumer.ts'
import { translating } from './native-error.ts'
import type { PartitionCounts } from './partition-counts.ts'

type Isolation = 'read_committed' | 'read_uncommitted'

/** Topics and offsets of a Kafka cluster. */
export class NativeAdmin implements Admin {
  readonly #cluster: Cluster
  readonly #admin: KafkaAdmin
  readonly #counts: PartitionCounts

  constructor(cluster: Cluster, counts: PartitionCounts) {
    this.#cluster = cluster
    this.#admin = new KafkaAdmin(cluster)
    this.#counts = counts
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const found = new Map<string, TopicDescription>()
    if (names.length === 0) return found
    await translating(() => this.#cluster.retrying(() => this.#counts.refresh(this.#cluster, names)))
    for (const name of names) {
      const topic = this.#cluster.knownTopic(name)
      if (topic !== undefined) found.set(name, { name, topicId: topic.topicId, partitions: topic.partitions.length })
    }
    return found
  }

  async listTopics(): Promise<readonly string[]> {
    const topics = await translating(() => this.#admin.listTopics())
    return topics.flatMap((topic) => (topic.isInternal ? [] : [topic.name]))
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    await translating(async () => {
      for (const topic of topics) {
        await this.#admin.createTopic(topic)
        // Other brokers hear of it a little later.
        await this.#cluster.retrying(() => this.#cluster.topic(topic.name))
      }
      const names = topics.map(({ name }) => name)
      await this.#cluster.retrying(() => this.#counts.refresh(this.#cluster, names))
    })
  }

  async topicConfigs(name: string): Promise<Readonly<{ [key: string]: string }>> {
    const entries = await translating(() => this.#cluster.retrying(() => this.#admin.describeConfigs('topic', name)))
    return Object.fromEntries(entries.flatMap(({ name: key, value }) => (value === null ? [] : [[key, value]])))
  }

  async earliestOffsets(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>> {
    return byPartition(partitions, await translating(() => this.#admin.listOffsets(partitions, 'earliest')), offsetOf)
  }

  async endOffsets(
    partitions: readonly TopicPartition[],
    isolation: Isolation,
  ): Promise<ReadonlyMap<TopicPartition, number>> {
    const listed = await translating(() => this.#admin.listOffsets(partitions, 'latest', isolation))
    return byPartition(partitions, listed, offsetOf)
  }

  async offsetsForTime(
    partitions: readonly TopicPartition[],
    timestamp: number,
  ): Promise<ReadonlyMap<TopicPartition, number>> {
    const listed = await translating(() => this.#admin.listOffsets(partitions, { timestamp }))
    const found = new Map(byPartition(partitions, listed, offsetOf))
    const late = partitions.filter((partition) => found.get(partition)! < 0)
    if (late.length === 0) return found
    for (const [partition, end] of await this.endOffsets(late, 'read_uncommitted')) found.set(partition, end)
    return found
  }

  async leaderEpochs(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>> {
    const listed = await translating(() => this.#admin.listOffsets(partitions, 'latest'))
    return byPartition(partitions, listed, ({ leaderEpoch }) => leaderEpoch)
  }

  async epochEndOffset(partition: TopicPartition, leaderEpoch: number): Promise<number> {
    return translating(() => this.#admin.epochEndOffset(partition, leaderEpoch))
  }

  async deleteRecords(before: ReadonlyMap<TopicPartition, number>): Promise<void> {
    await translating(() =>
      Promise.all([...before].map(([partition, offset]) => this.#admin.deleteRecords(partition, offset))),
    )
  }

  async close(): Promise<void> {
    await this.#cluster.close()
  }
}

function offsetOf({ offset }: ListedOffset): number {
  return offset
}

/** The answers under the very objects that were asked for. */
function byPartition(
  partitions: readonly TopicPartition[],
  listed: readonly ListedOffset[],
  value: (listed: ListedOffset) => number,
): ReadonlyMap<TopicPartition, number> {
  const byName = new Map(listed.map((one) => [`${one.topic}-${one.partition}`, one]))
  return new Map(
    partitions.map((partition) => [partition, value(byName.get(`${partition.topic}-${partition.partition}`)!)]),
  )
}
