import type { TopicPartition } from './consumer.ts'

/** A topic to create. @see org.apache.kafka.clients.admin.NewTopic */
export interface TopicSpec {
  readonly name: string
  readonly partitions: number
  /** Undefined: the broker's default. */
  readonly replicationFactor?: number
  readonly configs: Readonly<{ [key: string]: string }>
}

/** A topic that exists. @see org.apache.kafka.clients.admin.TopicDescription */
export interface TopicDescription {
  readonly name: string
  readonly topicId: string
  readonly partitions: number
}

/** Topics and offsets. @see org.apache.kafka.clients.admin.Admin */
export interface Admin {
  /** Topics that do not exist are absent from the answer. */
  describeTopics(names: readonly string[]): Promise<ReadonlyMap<string, TopicDescription>>
  listTopics(): Promise<readonly string[]>
  /** @throws TopicExistsError when one exists already. */
  createTopics(topics: readonly TopicSpec[]): Promise<void>
  topicConfigs(name: string): Promise<Readonly<{ [key: string]: string }>>
  earliestOffsets(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>>
  /** Ends: the last stable offset with `read_committed`, else the high watermark. */
  endOffsets(
    partitions: readonly TopicPartition[],
    isolation: 'read_committed' | 'read_uncommitted',
  ): Promise<ReadonlyMap<TopicPartition, number>>
  /** The first offset at or after a time (Unix ms); the end where there is none. */
  offsetsForTime(partitions: readonly TopicPartition[], timestamp: number): Promise<ReadonlyMap<TopicPartition, number>>
  /** The current leader epoch of each partition; -1 where it is not known. */
  leaderEpochs(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, number>>
  /**
   * The offset up to which the log still holds what was written under that leader epoch and before; -1 when the epoch is
   * unknown. A position beyond it points into history that was cut off. @see KIP-101 (OffsetForLeaderEpoch)
   */
  epochEndOffset(partition: TopicPartition, leaderEpoch: number): Promise<number>
  /** Removes records before the offset given for each partition (repartition purge). */
  deleteRecords(before: ReadonlyMap<TopicPartition, number>): Promise<void>
  close(): Promise<void>
}
