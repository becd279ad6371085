import type { Kafka } from 'kafkajs'
import type {
  Consumer,
  GroupMetadata,
  OffsetAndMetadata,
  PartitionRecords,
  RebalanceListener,
  TopicPartition,
} from '../consumer.ts'
import { KafkaJsMembership, type KafkaJsMembershipOptions } from './kafkajs-membership.ts'

export interface KafkaJsConsumerOptions extends Omit<KafkaJsMembershipOptions, 'onChange'> {
  /** Reads the partitions, and what is committed of them. It is closed with this consumer. */
  readonly reader: Consumer
}

/**
 * A member of a group through kafkajs, that reads by another client: kafkajs shows aborted records, and hides committed ones, where a
 * position lies within the transactions of several producers. A rebalance is over before we hear of it, so that partitions are
 * never revoked but lost: what was done since the last commit is done again by whoever has them next.
 */
export class KafkaJsConsumer implements Consumer {
  readonly #options: KafkaJsConsumerOptions
  readonly #reader: Consumer
  readonly #membership: KafkaJsMembership
  #listener: RebalanceListener | undefined
  #subscribed: Promise<void> | undefined
  #assigned: readonly TopicPartition[] = []
  /** An assignment that the listener could not take. */
  #untaken: readonly TopicPartition[] | undefined
  #failure: unknown

  constructor(kafka: Kafka, options: KafkaJsConsumerOptions) {
    this.#options = options
    this.#reader = options.reader
    this.#membership = new KafkaJsMembership(kafka, { ...options, onChange: () => this.#reader.wakeup() })
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    this.#listener = listener
    this.#subscribed = this.#start(topics)
  }

  assign(partitions: readonly TopicPartition[]): void {
    this.#reader.assign(partitions)
  }

  async poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    this.#throwFailure()
    await this.#rebalance()
    return this.#reader.poll(timeoutMs)
  }

  pause(partitions: readonly TopicPartition[]): void {
    this.#reader.pause(partitions)
  }

  resume(partitions: readonly TopicPartition[]): void {
    this.#reader.resume(partitions)
  }

  seek(partition: TopicPartition, offset: number): void {
    this.#reader.seek(partition, offset)
  }

  seekToBeginning(partitions: readonly TopicPartition[]): void {
    this.#reader.seekToBeginning(partitions)
  }

  position(partition: TopicPartition): number {
    return this.#reader.position(partition)
  }

  endOffset(partition: TopicPartition): number | undefined {
    return this.#reader.endOffset(partition)
  }

  commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    return this.#membership.commit(offsets)
  }

  committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    return this.#reader.committed(partitions)
  }

  /** Without a generation, which kafkajs keeps to itself: transactions are fenced by their transactional ids. */
  groupMetadata(): GroupMetadata {
    const { groupId } = this.#options
    return { groupId, generationId: -1, memberId: this.#membership.memberId, groupInstanceId: undefined }
  }

  wakeup(): void {
    this.#reader.wakeup()
  }

  async close(): Promise<void> {
    this.wakeup()
    await this.#membership.stop()
    await this.#subscribed
    await this.#reader.close()
  }

  async #start(subscription: readonly string[] | RegExp): Promise<void> {
    try {
      const known = await this.#options.widths.refresh(null)
      const topics = subscription instanceof RegExp ? known.filter((topic) => subscription.test(topic)) : subscription
      await this.#membership.start(topics)
    } catch (error) {
      this.#failure = error
      this.#reader.wakeup()
    }
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    this.#membership.throwFailure()
  }

  async #rebalance(): Promise<void> {
    if ((this.#membership.isLost || this.#untaken !== undefined) && this.#assigned.length > 0) {
      try {
        await this.#listener?.onLost(this.#assigned)
      } finally {
        this.#take([])
      }
    }
    if (this.#membership.isLost) this.#untaken = undefined
    const joined = this.#membership.takeAssignment() ?? this.#untaken
    if (joined === undefined) return
    this.#untaken = joined
    this.#take(joined)
    this.#options.assignor.onAssignment({ partitions: joined, userData: null }, -1)
    await this.#listener?.onAssigned(joined)
    this.#untaken = undefined
  }

  #take(partitions: readonly TopicPartition[]): void {
    this.#assigned = partitions
    this.#reader.assign(partitions)
  }
}
