import {
  type CommittedOffset,
  EngineError,
  type FetchResult,
  type IsolationLevel,
  type LogEngine,
  type Time,
} from '@millrace/log-engine'
import { ClientError } from '../client-error.ts'
import type {
  Consumer,
  GroupMetadata,
  OffsetAndMetadata,
  PartitionRecords,
  RebalanceListener,
  TopicPartition,
} from '../consumer.ts'
import type { GroupAssignor } from '../group/group-assignor.ts'
import { GroupSession } from '../group/group-session.ts'
import { OffsetOutOfRangeError } from '../offset-out-of-range-error.ts'
import { partitionName } from '../partition-name.ts'
import { decodeFetch } from '../record-decoder.ts'
import { toClientError, translating } from './embedded-error.ts'
import { EmbeddedGroupCoordinator, offsetOwner } from './embedded-group-coordinator.ts'
import { embeddedGroupTopics } from './embedded-group-topics.ts'

interface AssignedPartition extends TopicPartition {
  /** Next offset to read; undefined until the first seek. */
  position: number | undefined
  endOffset: number | undefined
  isPaused: boolean
}

/** How a consumer reads an engine. */
export interface EmbeddedConsumerOptions {
  readonly clientId: string
  /** Undefined: a consumer that reads by itself. */
  readonly groupId: string | undefined
  readonly assignor: GroupAssignor
  readonly isolation: IsolationLevel
  /** Bytes read by one poll. */
  readonly fetchBytes: number
  readonly time: Time
}

/**
 * Times of a membership in process, ms. A member that leaves or joins wakes the others in its process; the heartbeats are for
 * those that come through a broker.
 */
const groupTimes = {
  sessionTimeoutMs: 45_000,
  heartbeatIntervalMs: 500,
  rebalanceTimeoutMs: 300_000,
  retryTimeoutMs: 30_000,
}

/** Reads a log engine in the same process, as member of a group or by itself: whole batches, decoded when they are polled. */
export class EmbeddedConsumer implements Consumer {
  readonly #engine: LogEngine
  readonly #options: EmbeddedConsumerOptions
  #assigned: AssignedPartition[] = []
  readonly #byName = new Map<string, AssignedPartition>()
  #nextPartition = 0
  #session: GroupSession | undefined
  #coordinator: EmbeddedGroupCoordinator | undefined
  #wakeup = new AbortController()

  constructor(engine: LogEngine, options: EmbeddedConsumerOptions) {
    this.#engine = engine
    this.#options = options
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    const groupId = this.#requireGroup()
    const { clientId, assignor, time } = this.#options
    const heartbeatNow = (): void => this.#session?.heartbeatNow()
    this.#coordinator = new EmbeddedGroupCoordinator(this.#engine, groupId, clientId, heartbeatNow)
    const holder = {
      assigned: () => this.#assigned,
      assign: (partitions: readonly TopicPartition[]) => this.assign(partitions),
    }
    this.#session = new GroupSession(this.#coordinator, holder, {
      ...groupTimes,
      groupId,
      groupInstanceId: undefined,
      assignor,
      subscription: topics,
      topics: embeddedGroupTopics(this.#engine),
      listener,
      time,
      onChange: () => this.wakeup(),
    })
  }

  assign(partitions: readonly TopicPartition[]): void {
    const before = new Map(this.#byName)
    this.#byName.clear()
    this.#assigned = partitions.map(({ topic, partition }) => {
      const name = partitionName({ topic, partition })
      const known = before.get(name) ?? { topic, partition, position: undefined, endOffset: undefined, isPaused: false }
      this.#byName.set(name, known)
      return known
    })
    this.#nextPartition = 0
  }

  async poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    await this.#session?.step()
    const found = this.#fetch()
    if (found.length > 0 || timeoutMs <= 0) return found
    const reading = this.#assigned.filter(({ position, isPaused }) => position !== undefined && !isPaused)
    const positions = reading.map(({ topic, partition, position }) => ({ topic, partition, offset: position! }))
    const { signal } = this.#wakeup
    const { isolation } = this.#options
    if (!signal.aborted) await this.#engine.waitForData(positions, timeoutMs, { isolation, signal })
    if (signal.aborted) this.#wakeup = new AbortController()
    return this.#fetch()
  }

  pause(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#partition(partition).isPaused = true
  }

  resume(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) this.#partition(partition).isPaused = false
  }

  seek(partition: TopicPartition, offset: number): void {
    this.#partition(partition).position = offset
  }

  seekToBeginning(partitions: readonly TopicPartition[]): void {
    for (const partition of partitions) {
      this.seek(
        partition,
        translating(() => this.#engine.listOffset(partition, 'earliest').offset),
      )
    }
  }

  position(partition: TopicPartition): number {
    const { position } = this.#partition(partition)
    if (position === undefined) {
      throw new ClientError('NO_POSITION', 'fatal', `Partition ${partitionName(partition)} was not sought yet.`)
    }
    return position
  }

  endOffset(partition: TopicPartition): number | undefined {
    return this.#partition(partition).endOffset
  }

  async commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    try {
      await this.#engine.commitOffsets(offsetOwner(this.groupMetadata()), toEngineOffsets(offsets))
    } catch (error) {
      throw toClientError(error)
    }
  }

  async committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    const groupId = this.#requireGroup()
    const found = new Map<string, CommittedOffset>()
    for (const entry of translating(() => this.#engine.fetchOffsets(groupId, partitions, { requireStable: true }))) {
      if (entry.offset >= 0) found.set(partitionName(entry), entry)
    }
    const committed = new Map<TopicPartition, OffsetAndMetadata>()
    for (const partition of partitions) {
      const entry = found.get(partitionName(partition))
      if (entry !== undefined) committed.set(partition, { offset: entry.offset, metadata: entry.metadata })
    }
    return committed
  }

  groupMetadata(): GroupMetadata {
    const groupId = this.#requireGroup()
    return this.#session?.metadata ?? { groupId, generationId: -1, memberId: '', groupInstanceId: undefined }
  }

  isBetweenGenerations(): boolean {
    return this.#session?.isBetweenGenerations ?? false
  }

  wakeup(): void {
    this.#wakeup.abort()
  }

  enforceRebalance(): void {
    this.#session?.requestRejoin()
  }

  async close(): Promise<void> {
    this.#assigned = []
    this.#byName.clear()
    this.wakeup()
    this.#coordinator?.close()
    await this.#session?.leave()
  }

  /** One round over the partitions, beginning behind the one that was read last, until about `fetchBytes` are read. */
  #fetch(): PartitionRecords[] {
    const found: PartitionRecords[] = []
    const { fetchBytes, isolation } = this.#options
    let budget = fetchBytes
    const count = this.#assigned.length
    for (let tried = 0; tried < count && budget > 0; tried += 1) {
      const number = this.#nextPartition
      const from = this.#assigned[number]!
      this.#nextPartition = (number + 1) % count
      const { topic, partition, position } = from
      if (from.isPaused || position === undefined) continue
      let fetched: FetchResult
      try {
        fetched = this.#engine.fetch(from, position, { maxBytes: budget, isolation })
      } catch (error) {
        // What was read of other partitions is given first; the next poll meets the error again.
        if (found.length > 0) {
          this.#nextPartition = number
          return found
        }
        const isOutOfRange = error instanceof EngineError && error.code === 'OFFSET_OUT_OF_RANGE'
        if (isOutOfRange) throw new OffsetOutOfRangeError([{ topic, partition, offset: position }], { cause: error })
        throw toClientError(error)
      }
      const endOffset = isolation === 'read_committed' ? fetched.lastStableOffset : fetched.highWatermark
      from.endOffset = endOffset
      if (fetched.batches.length === 0) continue
      budget -= fetched.batches.length
      const { records, nextOffset } = decodeFetch(fetched, position)
      from.position = nextOffset
      found.push({ topic, partition, records, nextOffset, endOffset })
    }
    return found
  }

  #partition({ topic, partition }: TopicPartition): AssignedPartition {
    const found = this.#byName.get(partitionName({ topic, partition }))
    if (found === undefined) {
      throw new ClientError(
        'NOT_ASSIGNED',
        'fatal',
        `Partition ${partitionName({ topic, partition })} is not assigned to this consumer.`,
      )
    }
    return found
  }

  #requireGroup(): string {
    const { groupId } = this.#options
    if (groupId === undefined) throw new ClientError('NO_GROUP', 'fatal', 'This consumer was made without a group.')
    return groupId
  }
}

/** The port's map as the engine's list. */
export function toEngineOffsets(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>) {
  return Array.from(offsets, ([{ topic, partition }, { offset, metadata }]) => ({ topic, partition, offset, metadata }))
}
