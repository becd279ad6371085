import { type Cluster, type FetchPosition, Admin as KafkaAdmin, type Time } from '@millrace/kafka-client'
import { ClientError } from '../client-error.ts'
import type {
  Consumer,
  ConsumerCloseOptions,
  GroupMetadata,
  OffsetAndMetadata,
  PartitionRecords,
  RebalanceListener,
  TopicPartition,
} from '../consumer.ts'
import type { GroupAssignor } from '../group/group-assignor.ts'
import type { GroupTimes } from '../group/group-membership.ts'
import { GroupSession } from '../group/group-session.ts'
import { OffsetOutOfRangeError } from '../offset-out-of-range-error.ts'
import { partitionName } from '../partition-name.ts'
import { type DecodedFetch, endOfFetch, FetchDecoder } from '../record-decoder.ts'
import { FetchLoop } from './fetch-loop.ts'
import { commitOffsets, committedOffsets } from './group-offsets.ts'
import { translating } from './native-error.ts'
import { NativeGroupCoordinator } from './native-group-coordinator.ts'
import { nativeGroupTopics } from './native-group-topics.ts'
import type { PartitionCounts } from './partition-counts.ts'
import { ThreadHeartbeats } from './thread-heartbeats.ts'

interface AssignedPartition extends TopicPartition {
  /** Next offset to read; undefined until the first seek; 'beginning' until the next poll has found it. */
  position: number | 'beginning' | undefined
  endOffset: number | undefined
  isPaused: boolean
  /** What was fetched and not decoded yet. */
  fetched: { readonly decoder: FetchDecoder; readonly end: number } | undefined
}

type UnreadablePosition = TopicPartition & { readonly offset: number }

export interface NativeConsumerOptions extends GroupTimes {
  /** Undefined: a consumer that reads by itself. */
  readonly groupId: string | undefined
  /** Undefined: a dynamic member. */
  readonly groupInstanceId: string | undefined
  readonly assignor: GroupAssignor
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly maxBytes: number
  readonly maxPartitionBytes: number
  readonly counts: PartitionCounts
  readonly time: Time
  /** Whose connections are on a thread of their own, for heartbeats. */
  readonly newThreadCluster: () => Cluster
}

/** Records of a partition that one poll gives at most: decoded they take much more memory than as they were fetched. */
const recordsPerPoll = 1000
/** A broker may keep a fetch so long, at least and at most, when there is nothing to read. */
const [shortestWaitMs, longestWaitMs] = [20, 500]

/**
 * Reads a Kafka cluster, as member of a group or by itself. The next fetches are under way while records are processed.
 * Two clusters, because answers come in order: one connection waits for data while the other talks with the group.
 */
export class NativeConsumer implements Consumer {
  readonly #fetchCluster: Cluster
  readonly #groupCluster: Cluster
  readonly #options: NativeConsumerOptions
  readonly #loop: FetchLoop
  readonly #assigned = new Map<string, AssignedPartition>()
  #session: GroupSession | undefined
  #heartbeats: ThreadHeartbeats | undefined

  constructor(fetchCluster: Cluster, groupCluster: Cluster, options: NativeConsumerOptions) {
    this.#fetchCluster = fetchCluster
    this.#groupCluster = groupCluster
    this.#options = options
    this.#loop = new FetchLoop(fetchCluster, options)
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    const groupId = this.#requireGroup()
    const holder = {
      assigned: () => [...this.#assigned.values()],
      assign: (partitions: readonly TopicPartition[]) => this.assign(partitions),
    }
    const onChange = () => this.#loop.wake()
    const coordinator = new NativeGroupCoordinator(this.#groupCluster, this.#fetchCluster, groupId)
    const { heartbeatIntervalMs: intervalMs, rebalanceTimeoutMs: maxPollIntervalMs, sessionTimeoutMs } = this.#options
    const times = { intervalMs, maxPollIntervalMs, sessionTimeoutMs }
    this.#heartbeats = new ThreadHeartbeats(this.#options.newThreadCluster(), times)
    this.#session = new GroupSession(coordinator, holder, {
      ...this.#options,
      heartbeats: this.#heartbeats,
      groupId,
      subscription: topics,
      topics: nativeGroupTopics(this.#groupCluster, this.#options.counts),
      listener,
      onChange,
    })
  }

  assign(partitions: readonly TopicPartition[]): void {
    const before = new Map(this.#assigned)
    this.#assigned.clear()
    for (const { topic, partition } of partitions) {
      const name = partitionName({ topic, partition })
      const fresh = { topic, partition, position: undefined, endOffset: undefined, isPaused: false, fetched: undefined }
      this.#assigned.set(name, before.get(name) ?? fresh)
    }
    this.#loop.retain(partitions)
  }

  async poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    const { time } = this.#options
    const deadline = time.now() + timeoutMs
    for (;;) {
      await this.#session?.step()
      await this.#findBeginnings()
      const found = this.#take()
      this.#fetch(timeoutMs)
      if (found.length === 0) this.#loop.throwFailure()
      const leftMs = deadline - time.now()
      if (found.length > 0 || leftMs <= 0 || this.#loop.tookWake()) return found
      await this.#loop.wait(leftMs)
    }
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#partition(partition).isPaused = true
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#partition(partition).isPaused = false
  }

  seek(partition: TopicPartition, offset: number): void {
    const sought = this.#partition(partition)
    sought.position = offset
    sought.fetched = undefined
  }

  seekToBeginning(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      const sought = this.#partition(partition)
      sought.position = 'beginning'
      sought.fetched = undefined
    }
  }

  /** After `seekToBeginning` 0 until the next poll. */
  position(partition: TopicPartition): number {
    const { position } = this.#partition(partition)
    if (position === undefined) {
      const name = partitionName(partition)
      throw new ClientError('NO_POSITION', 'fatal', `Partition ${name} was not sought yet.`)
    }
    return position === 'beginning' ? 0 : position
  }

  endOffset(partition: TopicPartition): number | undefined {
    return this.#partition(partition).endOffset
  }

  async commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    await commitOffsets(this.#groupCluster, this.groupMetadata(), offsets)
  }

  async committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    return committedOffsets(this.#groupCluster, this.#requireGroup(), partitions)
  }

  groupMetadata(): GroupMetadata {
    const groupId = this.#requireGroup()
    return this.#session?.metadata ?? { groupId, generationId: -1, memberId: '', groupInstanceId: undefined }
  }

  isBetweenGenerations(): boolean {
    return this.#session?.isBetweenGenerations ?? false
  }

  wakeup(): void {
    this.#loop.wake()
  }

  heartbeatNow(): void {
    this.#session?.heartbeatNow()
  }

  enforceRebalance(): void {
    this.#session?.requestRejoin()
  }

  async close({ leaveGroup = this.#options.groupInstanceId === undefined }: ConsumerCloseOptions = {}): Promise<void> {
    this.#assigned.clear()
    this.#loop.wake()
    await this.#session?.leave(leaveGroup)
    await Promise.all([this.#fetchCluster.close(), this.#groupCluster.close(), this.#heartbeats?.close()])
  }

  async #findBeginnings(): Promise<void> {
    const unknown = [...this.#assigned.values()].filter(({ position }) => position === 'beginning')
    if (unknown.length === 0) return
    const admin = new KafkaAdmin(this.#fetchCluster)
    for (const { topic, partition, offset } of await translating(() => admin.listOffsets(unknown, 'earliest'))) {
      const found = this.#assigned.get(partitionName({ topic, partition }))
      if (found?.position === 'beginning') found.position = offset
    }
  }

  #fetch(timeoutMs: number): void {
    const positions: FetchPosition[] = []
    for (const { topic, partition, position, endOffset, isPaused, fetched } of this.#assigned.values()) {
      if (isPaused || typeof position !== 'number') continue
      const offset = fetched === undefined ? position : fetched.end
      positions.push({ topic, partition, offset, needsAnswer: endOffset === undefined })
    }
    if (positions.length > 0) this.#loop.send(positions, Math.min(longestWaitMs, Math.max(shortestWaitMs, timeoutMs)))
  }

  #take(): PartitionRecords[] {
    const found: PartitionRecords[] = []
    const outOfRange: UnreadablePosition[] = []
    for (const from of this.#assigned.values()) {
      const { topic, partition, position } = from
      if (from.isPaused || typeof position !== 'number') continue
      const decoded = this.#decode(from, position, outOfRange)
      if (decoded === undefined) continue
      from.position = decoded.nextOffset
      found.push({ topic, partition, ...decoded, endOffset: from.endOffset! })
    }
    // What came of other partitions is given first; the next fetch is answered in the same way.
    if (found.length === 0 && outOfRange.length > 0) throw new OffsetOutOfRangeError(outOfRange)
    return found
  }

  /** Undefined: nothing has arrived that goes beyond the position. */
  #decode(from: AssignedPartition, position: number, outOfRange: UnreadablePosition[]): DecodedFetch | undefined {
    for (;;) {
      from.fetched ??= this.#takeFetched(from, position, outOfRange)
      if (from.fetched === undefined) return undefined
      const { decoder } = from.fetched
      const decoded = decoder.next(recordsPerPoll)
      if (decoder.isDone) from.fetched = undefined
      if (decoded.nextOffset > position) return decoded
    }
  }

  #takeFetched(
    to: AssignedPartition,
    position: number,
    outOfRange: UnreadablePosition[],
  ): AssignedPartition['fetched'] {
    const answer = this.#loop.take(to, position)
    if (answer === undefined) return undefined
    if (answer.errorCode !== 0) {
      outOfRange.push({ topic: to.topic, partition: to.partition, offset: position })
      return undefined
    }
    to.endOffset = this.#options.isolation === 'read_committed' ? answer.lastStableOffset : answer.highWatermark
    return { decoder: new FetchDecoder(answer, position), end: endOfFetch(answer, position) }
  }

  #partition({ topic, partition }: TopicPartition): AssignedPartition {
    const name = partitionName({ topic, partition })
    const found = this.#assigned.get(name)
    if (found === undefined) {
      throw new ClientError('NOT_ASSIGNED', 'fatal', `Partition ${name} is not assigned to this consumer.`)
    }
    return found
  }

  #requireGroup(): string {
    const { groupId } = this.#options
    if (groupId === undefined) throw new ClientError('NO_GROUP', 'fatal', 'This consumer was made without a group.')
    return groupId
  }
}
