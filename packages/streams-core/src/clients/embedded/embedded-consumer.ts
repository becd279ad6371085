import type { CommittedOffset, IsolationLevel, LogEngine } from '@millrace/log-engine'
import { ClientError } from '../client-error.ts'
import type {
  Consumer,
  GroupMetadata,
  OffsetAndMetadata,
  PartitionRecords,
  RebalanceListener,
  TopicPartition,
} from '../consumer.ts'
import { decodeFetch } from '../record-decoder.ts'
import { toClientError, translating } from './embedded-error.ts'
import { joinGroup } from './group-registry.ts'

interface AssignedPartition extends TopicPartition {
  /** Next offset to read; undefined until the first seek. */
  position: number | undefined
  endOffset: number | undefined
  isPaused: boolean
}

/**
 * Reads a log engine in the same process: whole batches, decoded when they are polled. As member of a group it owns all
 * partitions of its topics, or none while an older member of this process does.
 */
export class EmbeddedConsumer implements Consumer {
  readonly #engine: LogEngine
  readonly #groupId: string | undefined
  readonly #isolation: IsolationLevel
  readonly #fetchBytes: number
  #assigned: AssignedPartition[] = []
  readonly #byName = new Map<string, AssignedPartition>()
  #nextPartition = 0
  #subscription: readonly string[] | RegExp | undefined
  #listener: RebalanceListener | undefined
  #isOwner = false
  #mustAssign = false
  #leave: (() => void) | undefined
  #wakeup = new AbortController()

  constructor(
    engine: LogEngine,
    options: {
      readonly groupId: string | undefined
      readonly isolation: IsolationLevel
      readonly fetchBytes: number
    },
  ) {
    this.#engine = engine
    this.#groupId = options.groupId
    this.#isolation = options.isolation
    this.#fetchBytes = options.fetchBytes
  }

  subscribe(topics: readonly string[] | RegExp, listener: RebalanceListener): void {
    this.#subscription = topics
    this.#listener = listener
    this.#mustAssign = this.#isOwner
    this.#leave ??= joinGroup(this.#engine, this.#requireGroup(), {
      onOwner: () => {
        this.#isOwner = true
        this.#mustAssign = true
        this.wakeup()
      },
    })
  }

  assign(partitions: readonly TopicPartition[]): void {
    const before = new Map(this.#byName)
    this.#byName.clear()
    this.#assigned = partitions.map(({ topic, partition }) => {
      const name = nameOf(topic, partition)
      const known = before.get(name) ?? { topic, partition, position: undefined, endOffset: undefined, isPaused: false }
      this.#byName.set(name, known)
      return known
    })
    this.#nextPartition = 0
  }

  async poll(timeoutMs: number): Promise<readonly PartitionRecords[]> {
    if (this.#mustAssign) await this.#assignSubscription()
    const found = this.#fetch()
    if (found.length > 0 || timeoutMs <= 0) return found
    const reading = this.#assigned.filter(({ position, isPaused }) => position !== undefined && !isPaused)
    const positions = reading.map(({ topic, partition, position }) => ({ topic, partition, offset: position! }))
    const { signal } = this.#wakeup
    const isolation = this.#isolation
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
      throw new ClientError(
        'NO_POSITION',
        'fatal',
        `Partition ${nameOf(partition.topic, partition.partition)} was not sought yet.`,
      )
    }
    return position
  }

  endOffset(partition: TopicPartition): number | undefined {
    return this.#partition(partition).endOffset
  }

  async commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    try {
      await this.#engine.commitOffsets({ groupId: this.#requireGroup() }, toEngineOffsets(offsets))
    } catch (error) {
      throw toClientError(error)
    }
  }

  async committed(partitions: readonly TopicPartition[]): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
    const groupId = this.#requireGroup()
    const found = new Map<string, CommittedOffset>()
    for (const entry of translating(() => this.#engine.fetchOffsets(groupId, partitions, { requireStable: true }))) {
      if (entry.offset >= 0) found.set(nameOf(entry.topic, entry.partition), entry)
    }
    const committed = new Map<TopicPartition, OffsetAndMetadata>()
    for (const partition of partitions) {
      const entry = found.get(nameOf(partition.topic, partition.partition))
      if (entry !== undefined) committed.set(partition, { offset: entry.offset, metadata: entry.metadata })
    }
    return committed
  }

  groupMetadata(): GroupMetadata {
    return { groupId: this.#requireGroup(), generationId: -1, memberId: '', groupInstanceId: undefined }
  }

  wakeup(): void {
    this.#wakeup.abort()
  }

  async close(): Promise<void> {
    this.#leave?.()
    this.#leave = undefined
    this.#isOwner = false
    this.#mustAssign = false
    this.#assigned = []
    this.#byName.clear()
    this.wakeup()
  }

  async #assignSubscription(): Promise<void> {
    this.#mustAssign = false
    const subscription = this.#subscription!
    const topics = this.#engine
      .listTopics()
      .filter((topic) =>
        subscription instanceof RegExp
          ? !topic.isInternal && subscription.test(topic.name)
          : subscription.includes(topic.name),
      )
    const wanted = topics.flatMap(({ name, partitions }) =>
      Array.from({ length: partitions }, (_, partition) => ({ topic: name, partition })),
    )
    const isNew = wanted.filter(({ topic, partition }) => !this.#byName.has(nameOf(topic, partition)))
    const names = new Set(wanted.map(({ topic, partition }) => nameOf(topic, partition)))
    const gone = this.#assigned.filter(({ topic, partition }) => !names.has(nameOf(topic, partition)))
    if (gone.length > 0) await this.#listener!.onRevoked(gone)
    this.assign(wanted)
    await this.#listener!.onAssigned(isNew)
  }

  /** One round over the partitions, beginning behind the one that was read last, until about `fetchBytes` are read. */
  #fetch(): PartitionRecords[] {
    const found: PartitionRecords[] = []
    let budget = this.#fetchBytes
    const count = this.#assigned.length
    for (let tried = 0; tried < count && budget > 0; tried += 1) {
      const from = this.#assigned[this.#nextPartition]!
      this.#nextPartition = (this.#nextPartition + 1) % count
      const { topic, partition, position } = from
      if (from.isPaused || position === undefined) continue
      const fetched = translating(() =>
        this.#engine.fetch(from, position, { maxBytes: budget, isolation: this.#isolation }),
      )
      const endOffset = this.#isolation === 'read_committed' ? fetched.lastStableOffset : fetched.highWatermark
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
    const found = this.#byName.get(nameOf(topic, partition))
    if (found === undefined) {
      throw new ClientError(
        'NOT_ASSIGNED',
        'fatal',
        `Partition ${nameOf(topic, partition)} is not assigned to this consumer.`,
      )
    }
    return found
  }

  #requireGroup(): string {
    if (this.#groupId === undefined)
      throw new ClientError('NO_GROUP', 'fatal', 'This consumer was made without a group.')
    return this.#groupId
  }
}

/** The port's map as the engine's list. */
export function toEngineOffsets(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>) {
  return Array.from(offsets, ([{ topic, partition }, { offset, metadata }]) => ({ topic, partition, offset, metadata }))
}

function nameOf(topic: string, partition: number): string {
  return `${topic}-${partition}`
}
