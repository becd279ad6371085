import type { LogEngine } from '@millrace/log-engine'
import type { Admin, TopicDescription, TopicSpec } from '../admin.ts'
import type { TopicPartition } from '../consumer.ts'
import { translating } from './embedded-error.ts'

/** Topics and offsets of a log engine in the same process. */
export class EmbeddedAdmin implements Admin {
  readonly #engine: LogEngine

  constructor(engine: LogEngine) {
    this.#engine = engine
  }

  async describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>> {
    const found = new Map<string, TopicDescription>()
    for (const name of names) {
      const topic = this.#engine.describeTopic(name)
      if (topic !== undefined) found.set(name, { name, topicId: topic.topicId, partitions: topic.partitions })
    }
    return found
  }

  async listTopics(): Promise<readonly string[]> {
    return this.#engine.listTopics().flatMap((topic) => (topic.isInternal ? [] : [topic.name]))
  }

  async createTopics(topics: readonly TopicSpec[]): Promise<void> {
    for (const { name, partitions, configs } of topics) {
      translating(() => this.#engine.createTopic({ name, partitions, configs }))
    }
  }

  async topicConfigs(name: string): Promise<Readonly<{ [key: string]: string }>> {
    return this.#engine.describeTopic(name)?.configs ?? {}
  }

  async earliestOffsets(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>> {
    return this.#each(partitions, (partition) => this.#engine.listOffset(partition, 'earliest').offset)
  }

  async endOffsets(
    partitions: readonly TopicPartition[],
    isolation: 'read_committed' | 'read_uncommitted',
  ): Promise<ReadonlyMap<TopicPartition, number>> {
    return this.#each(partitions, (partition) => this.#engine.listOffset(partition, 'latest', isolation).offset)
  }

  async offsetsForTime(
    partitions: readonly TopicPartition[],
    timestamp: number,
  ): Promise<ReadonlyMap<TopicPartition, number>> {
    return this.#each(partitions, (partition) => {
      const { offset } = this.#engine.listOffset(partition, { timestamp })
      return offset >= 0 ? offset : this.#engine.listOffset(partition, 'latest').offset
    })
  }

  async leaderEpochs(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>> {
    return this.#each(partitions, (partition) => this.#engine.listOffset(partition, 'latest').leaderEpoch)
  }

  async epochEndOffset(partition: TopicPartition, leaderEpoch: number): Promise<number> {
    return translating(() => this.#engine.offsetForLeaderEpoch(partition, leaderEpoch).endOffset)
  }

  async deleteRecords(before: ReadonlyMap<TopicPartition, number>): Promise<void> {
    for (const [partition, offset] of before) translating(() => this.#engine.deleteRecords(partition, offset))
  }

  async close(): Promise<void> {}

  #each(
    partitions: readonly TopicPartition[],
    find: (partition: TopicPartition) => number,
  ): ReadonlyMap<TopicPartition, number> {
    return translating(() => new Map(partitions.map((partition) => [partition, find(partition)])))
  }
}
