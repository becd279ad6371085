import type { Headers } from '@millrace/serdes'

/** A partition of a topic. @see org.apache.kafka.common.TopicPartition */
export interface TopicPartition {
  readonly topic: string
  readonly partition: number
}

/** The next offset to read, with free text beside it. @see org.apache.kafka.clients.consumer.OffsetAndMetadata */
export interface OffsetAndMetadata {
  readonly offset: number
  readonly metadata: string
}

/** Who a consumer is in its group; fences zombies. @see org.apache.kafka.clients.consumer.ConsumerGroupMetadata */
export interface GroupMetadata {
  readonly groupId: string
  readonly generationId: number
  readonly memberId: string
  readonly groupInstanceId: string | undefined
}

/** A raw record as read from a partition. Key and value may be views into a larger buffer. */
export interface ConsumerRecord {
  readonly offset: number
  readonly timestamp: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  readonly headers: Headers
}

/** What one poll gave for one partition, in offset order. */
export interface PartitionRecords {
  readonly topic: string
  readonly partition: number
  readonly records: readonly ConsumerRecord[]
  /** The position after these records; beyond the last one when markers or aborted records followed. */
  readonly nextOffset: number
  /** End offset as this reader may see it (the last stable offset under read_committed); lag = endOffset - nextOffset. */
  readonly endOffset: number
}

/** What a member hears of rebalances. All are awaited before the rebalance goes on. */
export interface RebalanceListener {
  /** What has come to what the member has, after each rebalance, be it nothing. */
  onAssigned(partitions: readonly TopicPartition[]): Promise<void>
  /** What goes to others. It can still be committed. */
  onRevoked(partitions: readonly TopicPartition[]): Promise<void>
  /** The group has given the partitions to others already; nothing can be committed. */
  onLost(partitions: readonly TopicPartition[]): Promise<void>
}

/** How a consumer is closed. */
export interface ConsumerCloseOptions {
  /** Whether a member tells its group that it goes. Default: static members do not, others do. */
  readonly leaveGroup?: boolean
}

/**
 * Reads partitions, as member of a group (`subscribe`) or by itself (`assign`).
 * @see org.apache.kafka.clients.consumer.Consumer
 */
export interface Consumer {
  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void
  assign(partitions: readonly TopicPartition[]): void
  /**
   * What has arrived; waits up to `timeoutMs` when there is nothing. Paused partitions give nothing.
   * @throws OffsetOutOfRangeError
   */
  poll(timeoutMs: number): Promise<readonly PartitionRecords[]>
  pause(partitions: readonly TopicPartition[]): void
  resume(partitions: readonly TopicPartition[]): void
  seek(partition: TopicPartition, offset: number): void
  seekToBeginning(partitions: readonly TopicPartition[]): void
  position(partition: TopicPartition): number
  /** The last known end of the partition as this reader may see it; undefined before the first fetch (KIP-695). */
  endOffset(partition: TopicPartition): number | undefined
  commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void>
  /** Committed offsets; waits for open transactions (requireStable). A partition without one is absent. */
  committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>>
  groupMetadata(): GroupMetadata
  /** True for a moment during rebalances: a commit would fail then. Absent where that cannot be known. */
  isBetweenGenerations?(): boolean
  /** Ends a `poll` that waits. */
  wakeup(): void
  /** Asks the group now, instead of at the next heartbeat, whether the assignment holds. Absent where the adapter cannot. */
  heartbeatNow?(): void
  /** Asks the group for another assignment, which the next polls bring. Absent where the adapter cannot. */
  enforceRebalance?(): void
  close(options?: ConsumerCloseOptions): Promise<void>
}
