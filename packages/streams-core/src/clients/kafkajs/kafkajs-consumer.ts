import type { Kafka } from 'kafkajs'
import type { Time, Timer } from '../../time.ts'
import type { Admin } from '../admin.ts'
import { ClientError } from '../client-error.ts'
import type {
  Consumer,
  GroupMetadata,
  OffsetAndMetadata,
  PartitionRecords,
  RebalanceListener,
  TopicPartition,
} from '../consumer.ts'
import { KafkaJsMembership, type KafkaJsMembershipOptions } from './kafkajs-membership.ts'

interface AssignedPartition extends TopicPartition {
  /** Next offset to read; undefined until the first seek. */
  position: number | undefined
  endOffset: number | undefined
  isPaused: boolean
}

export interface KafkaJsConsumerOptions extends Omit<KafkaJsMembershipOptions, 'onChange'> {
  /** Reads committed offsets, which wait for open transactions; kafkajs does not know of that. */
  readonly offsets: Consumer
  readonly admin: () => Admin
  readonly time: Pick<Time, 'now' | 'setTimer'>
}

/**
 * Reads as member of a group, through kafkajs. A rebalance is over before we hear of it, so that partitions are never revoked
 * but lost: what was done since the last commit is done again by whoever has them next.
 */
export class KafkaJsConsumer implements Consumer {
  readonly #options: KafkaJsConsumerOptions
  readonly #membership: KafkaJsMembership
  readonly #assigned = new Map<string, AssignedPartition>()
  #listener: RebalanceListener | undefined
  #subscribed: Promise<void> | undefined
  #unplaced: TopicPartition[] = []
  /** An assignment that the listener could not take. */
  #untaken: readonly TopicPartition[] | undefined
  #failure: unknown
  #isWoken = false
  #hasNews = false
  #endWait: (() => void) | undefined

  constructor(kafka: Kafka, options: KafkaJsConsumerOptions) {
    this.#options = options
    this.#membership = new KafkaJsMembership(kafka, {
      ...options,
      onChange: () => {
        this.#hasNews = true
        this.#endWait?.()
      },
    })
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    this.#listener = listener
    this.#subscribed = this.#start(topics)
  }

  assign(): void {
    const text = 'A consumer on kafkajs reads as member of its group only; restoreConsumer() reads by itself.'
    throw new ClientError('NOT_SUPPORTED', 'fatal', text)
  }

  async poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    const { time } = this.#options
    const deadline = time.now() + timeoutMs
    for (;;) {
      this.#throwFailure()
      this.#hasNews = false
      await this.#rebalance()
      await this.#place()
      const found = this.#take()
      const leftMs = deadline - time.now()
      if (found.length > 0 || leftMs <= 0 || this.#isWoken) {
        this.#isWoken = false
        return found
      }
      await this.#wait(leftMs)
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#partition(partition).isPaused = true
      this.#membership.hold(partition)
    }
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const assigned = this.#partition(partition)
      assigned.isPaused = false
      if (assigned.position !== undefined) this.#membership.release(partition)
    }
  }

  seek(partition: TopicPartition, offset: number): void {
    const assigned = this.#partition(partition)
    assigned.position = offset
    this.#membership.seek({ topic: partition.topic, partition: partition.partition }, offset)
    if (!assigned.isPaused) this.#membership.release(partition)
  }

  seekToBeginning(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.#partition(partition).position = undefined
      this.#membership.hold(partition)
    }
    this.#unplaced.push(...partitions)
  }

  position(partition: TopicPartition): number {
    const { position } = this.#partition(partition)
    if (position !== undefined) return position
    const name = nameOf(partition)
    throw new ClientError('NO_POSITION', 'fatal', `Partition ${name} was not sought yet.`)
  }

  /** The high watermark: kafkajs does not tell the last stable offset. */
  endOffset(partition: TopicPartition): number | undefined {
    return this.#partition(partition).endOffset
  }

  commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    return this.#membership.commit(offsets)
  }

  committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    return this.#options.offsets.committed(partitions)
  }

  /** Without a generation, which kafkajs keeps to itself: transactions are fenced by their transactional ids. */
  groupMetadata(): GroupMetadata {
    const { groupId } = this.#options
    return { groupId, generationId: -1, memberId: this.#membership.memberId, groupInstanceId: undefined }
  }

  wakeup(): void {
    this.#isWoken = true
    this.#endWait?.()
  }

  async close(): Promise<void> {
    this.wakeup()
    this.#assigned.clear()
    await this.#membership.stop()
    await this.#subscribed
    await this.#options.offsets.close()
  }

  async #start(subscription: readonly string[] | RegExp): Promise<void> {
    try {
      const known = await this.#options.widths.refresh(null)
      const topics = subscription instanceof RegExp ? known.filter((topic) => subscription.test(topic)) : subscription
      await this.#membership.start(topics)
    } catch (error) {
      this.#failure = error
      this.#endWait?.()
    }
  }

  #throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
    this.#membership.throwFailure()
  }

  async #rebalance(): Promise<void> {
    if ((this.#membership.isLost || this.#untaken !== undefined) && this.#assigned.size > 0) {
      const gone = [...this.#assigned.values()]
      try {
        await this.#listener?.onLost(gone)
      } finally {
        this.#assigned.clear()
        this.#unplaced = []
      }
    }
    if (this.#membership.isLost) this.#untaken = undefined
    const joined = this.#membership.takeAssignment() ?? this.#untaken
    if (joined === undefined) return
    this.#untaken = joined
    for (const { topic, partition } of joined) {
      const fresh = { topic, partition, position: undefined, endOffset: undefined, isPaused: false }
      this.#assigned.set(nameOf(fresh), fresh)
    }
    this.#options.assignor.onAssignment({ partitions: joined, userData: null }, -1)
    await this.#listener?.onAssigned([...this.#assigned.values()])
    this.#untaken = undefined
  }

  /** Finds the beginnings that were asked for. */
  async #place(): Promise<void> {
    if (this.#unplaced.length === 0) return
    const partitions = this.#unplaced
    this.#unplaced = []
    const admin = this.#options.admin()
    try {
      for (const [partition, offset] of await admin.earliestOffsets(partitions)) {
        const assigned = this.#assigned.get(nameOf(partition))
        if (assigned !== undefined && assigned.position === undefined) this.seek(partition, offset)
      }
    } finally {
      await admin.close()
    }
  }

  #take(): PartitionRecords[] {
    const found: PartitionRecords[] = []
    for (const from of this.#assigned.values()) {
      const { position } = from
      if (from.isPaused || position === undefined) continue
      const arrived = this.#membership.take(from)
      if (arrived === undefined) continue
      const { topic, partition, nextOffset, endOffset } = arrived
      from.endOffset = endOffset
      if (nextOffset <= position) continue
      from.position = nextOffset
      const records = arrived.records.filter(({ offset }) => offset >= position)
      found.push({ topic, partition, records, nextOffset, endOffset })
    }
    return found
  }

  async #wait(timeoutMs: number): Promise<void> {
    if (this.#hasNews || this.#isWoken) return
    let timer: Timer | undefined
    await new Promise<void>((resolve) => {
      timer = this.#options.time.setTimer(timeoutMs, resolve)
      this.#endWait = resolve
    })
    timer?.cancel()
    this.#endWait = undefined
  }

  #partition(partition: TopicPartition): AssignedPartition {
    const name = nameOf(partition)
    const found = this.#assigned.get(name)
    if (found === undefined) {
      throw new ClientError('NOT_ASSIGNED', 'fatal', `Partition ${name} is not assigned to this consumer.`)
    }
    return found
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}
