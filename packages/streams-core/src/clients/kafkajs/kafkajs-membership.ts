// KafkaJsMembership: the running kafkajs consumer of one member of a group, turned from pushing to pulling.
//
// Owns:      the kafkajs consumer, what it has brought and nobody has taken, what the group has said since the last look.
// Does not:  know positions (KafkaJsConsumer), call the runtime.
// In:        start; take; hold / release / seek of partitions; commit; stop.
// Out:       onChange when there is something to look at.
//
// Invariants
//   K1. kafkajs goes on from a batch only when it was taken: what was brought before a seek or for a partition that is held
//       is fetched again.
//   K2. kafkajs enters the next generation without asking. From that moment on nothing of the last one can be committed.
//   K3. Partitions that were just assigned are held until they are released.

import type { EachBatchPayload, Kafka, Consumer as KafkaJsClient } from 'kafkajs'
import type { Time, Timer } from '../../time.ts'
import { ClientError } from '../client-error.ts'
import type { OffsetAndMetadata, PartitionRecords, TopicPartition } from '../consumer.ts'
import type { GroupAssignor } from '../group/group-assignor.ts'
import { kafkaJsAssigner } from './kafkajs-assigner.ts'
import { fromKafkaJs } from './kafkajs-error.ts'
import { toRecord } from './kafkajs-records.ts'
import type { TopicWidths } from './topic-widths.ts'

export interface KafkaJsMembershipOptions {
  readonly groupId: string
  readonly isolation: 'read_committed' | 'read_uncommitted'
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly maxBytes: number
  readonly maxPartitionBytes: number
  readonly assignor: GroupAssignor
  readonly widths: TopicWidths
  readonly time: Pick<Time, 'now' | 'setTimer'>
  /** Hears that a batch, an assignment or a failure has come. */
  readonly onChange: () => void
}

/** What has come for a partition. */
interface Arrival extends PartitionRecords {
  /** Lets kafkajs go on, after this batch when it was taken, else from where it was. */
  readonly settle: (isTaken: boolean) => void
}

/** Each partition that has something waits in a worker of its own. */
const partitionsConsumedConcurrently = 256
/** Shortens the wait of kafkajs when all partitions are held. */
const maxWaitTimeInMs = 100

export class KafkaJsMembership {
  readonly #client: KafkaJsClient
  readonly #options: KafkaJsMembershipOptions
  readonly #arrived = new Map<string, Arrival>()
  readonly #held = new Set<string>()
  /** Those that kafkajs does not fetch. */
  readonly #paused = new Set<string>()
  /** Sought, and not fetched from since. */
  readonly #sought = new Set<string>()
  #memberId = ''
  #generations = 0
  #joined: readonly TopicPartition[] | undefined
  #isLost = false
  #isStopped = false
  #failure: unknown

  constructor(kafka: Kafka, options: KafkaJsMembershipOptions) {
    this.#options = options
    const { groupId, isolation, assignor, widths } = options
    this.#client = kafka.consumer({
      groupId,
      readUncommitted: isolation === 'read_uncommitted',
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      maxBytes: options.maxBytes,
      maxBytesPerPartition: options.maxPartitionBytes,
      maxWaitTimeInMs,
      allowAutoTopicCreation: false,
      partitionAssigners: [kafkaJsAssigner(assignor, widths, () => (this.#generations === 0 ? -1 : this.#generations))],
      retry: { retries: 5, restartOnFailure: async () => !this.#isStopped },
    })
    const { events } = this.#client
    this.#client.on(events.REBALANCING, () => this.#lose())
    this.#client.on(events.GROUP_JOIN, ({ payload }) => this.#join(payload.memberId, payload.memberAssignment))
    this.#client.on(events.FETCH_START, () => this.#sought.clear())
    this.#client.on(events.START_BATCH_PROCESS, ({ payload }) => this.#skip(payload))
    this.#client.on(events.CRASH, ({ payload }) => {
      this.#lose()
      if (!payload.restart) this.#failure = fromKafkaJs(payload.error, `Group '${groupId}'`)
      options.onChange()
    })
  }

  get memberId(): string {
    return this.#memberId
  }

  /** What was assigned last does not belong to this member any more. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** The assignment that has come since the last time this was asked. */
  takeAssignment(): readonly TopicPartition[] | undefined {
    const joined = this.#joined
    if (joined === undefined) return undefined
    this.#joined = undefined
    this.#isLost = false
    return joined
  }

  /** @throws ClientError that ended the membership */
  throwFailure(): void {
    const failure = this.#failure
    this.#failure = undefined
    if (failure !== undefined) throw failure
  }

  /** Enters the group; a failure is thrown by the next `throwFailure`. */
  async start(topics: readonly string[]): Promise<void> {
    try {
      await this.#client.connect()
      await this.#client.subscribe({ topics: [...topics] })
      await this.#client.run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently,
        eachBatch: (payload) => this.#receive(payload),
      })
    } catch (error) {
      this.#failure = fromKafkaJs(error, `Joining group '${this.#options.groupId}'`)
    }
    this.#options.onChange()
  }

  /** What has come for the partition; kafkajs fetches on. */
  take(partition: TopicPartition): PartitionRecords | undefined {
    const arrival = this.#arrived.get(nameOf(partition))
    arrival?.settle(true)
    return arrival
  }

  /** Brings nothing of the partition until it is released. */
  hold(partition: TopicPartition): void {
    this.#held.add(nameOf(partition))
    this.#arrived.get(nameOf(partition))?.settle(false)
  }

  release(partition: TopicPartition): void {
    const name = nameOf(partition)
    this.#held.delete(name)
    if (this.#paused.delete(name)) this.#whileRunning(() => this.#client.resume([toKafkaJs(partition)]))
  }

  seek(partition: TopicPartition, offset: number): void {
    this.#sought.add(nameOf(partition))
    this.#whileRunning(() => this.#client.seek({ ...partition, offset: String(offset) }))
    this.#arrived.get(nameOf(partition))?.settle(false)
  }

  /** @throws ClientError ILLEGAL_GENERATION, … */
  async commit(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>): Promise<void> {
    const { groupId } = this.#options
    if (this.#isLost || this.#memberId === '') {
      throw new ClientError('ILLEGAL_GENERATION', 'fenced', `Group '${groupId}' has gone on to another generation.`)
    }
    const rows = Array.from(offsets, ([{ topic, partition }, { offset, metadata }]) => ({
      topic,
      partition,
      offset: String(offset),
      metadata,
    }))
    try {
      await this.#client.commitOffsets(rows)
    } catch (error) {
      throw fromKafkaJs(error, `Committing offsets of group '${groupId}'`)
    }
  }

  async stop(): Promise<void> {
    this.#isStopped = true
    this.#dropArrived()
    await this.#client.disconnect().catch(() => undefined)
    this.#dropArrived()
  }

  #join(memberId: string, assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#lose()
    this.#memberId = memberId
    this.#generations += 1
    const joined = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    for (const names of [this.#held, this.#paused, this.#sought]) names.clear()
    for (const partition of joined) this.#held.add(nameOf(partition))
    this.#pause(joined)
    this.#joined = joined
    this.#options.onChange()
  }

  #lose(): void {
    this.#isLost = true
    this.#joined = undefined
    this.#dropArrived()
    this.#options.onChange()
  }

  async #receive({ batch, heartbeat, resolveOffset, isStale }: EachBatchPayload): Promise<void> {
    const { topic, partition } = batch
    const name = nameOf(batch)
    if (isStale() || this.#isLost || this.#isStopped) return
    if (this.#held.has(name)) {
      this.#pause([{ topic, partition }])
      return
    }
    let settle: (isTaken: boolean) => void = () => undefined
    const settled = new Promise<boolean>((resolve) => {
      settle = (isTaken) => {
        this.#arrived.delete(name)
        resolve(isTaken)
      }
    })
    const nextOffset = Number(batch.lastOffset()) + 1
    const endOffset = Number(batch.highWatermark)
    this.#arrived.set(name, { topic, partition, nextOffset, endOffset, records: batch.messages.map(toRecord), settle })
    this.#options.onChange()
    const last = batch.messages.at(-1)!
    if (await this.#beatingUntil(settled, settle, heartbeat)) resolveOffset(last.offset)
  }

  /** The session goes on while a batch waits to be taken. */
  async #beatingUntil(
    settled: Promise<boolean>,
    settle: (isTaken: boolean) => void,
    heartbeat: () => Promise<void>,
  ): Promise<boolean> {
    const { time, heartbeatIntervalMs } = this.#options
    for (;;) {
      let timer: Timer | undefined
      const due = new Promise<undefined>((resolve) => {
        timer = time.setTimer(heartbeatIntervalMs, () => resolve(undefined))
      })
      const isTaken = await Promise.race([settled, due])
      timer?.cancel()
      if (isTaken !== undefined) return isTaken
      try {
        await heartbeat()
      } catch (error) {
        settle(false)
        throw error
      }
    }
  }

  /** A batch without visible records, of which kafkajs only tells that it was there. */
  #skip(batch: {
    readonly topic: string
    readonly partition: number
    readonly batchSize: number
    readonly lastOffset: string
    readonly highWatermark: string
  }): void {
    const name = nameOf(batch)
    if (batch.batchSize > 0 || this.#isLost || this.#held.has(name) || this.#sought.has(name)) return
    const { topic, partition } = batch
    const [nextOffset, endOffset] = [Number(batch.lastOffset) + 1, Number(batch.highWatermark)]
    const settle = () => void this.#arrived.delete(name)
    this.#arrived.set(name, { topic, partition, nextOffset, endOffset, records: [], settle })
    this.#options.onChange()
  }

  #pause(partitions: readonly TopicPartition[]): void {
    if (partitions.length === 0) return
    for (const partition of partitions) this.#paused.add(nameOf(partition))
    this.#whileRunning(() => this.#client.pause(partitions.map(toKafkaJs)))
  }

  /** kafkajs throws where it is between two runs; the next assignment begins anew. */
  #whileRunning(call: () => void): void {
    try {
      call()
    } catch (error) {
      if (!(error instanceof Error && error.name === 'KafkaJSNonRetriableError')) throw error
    }
  }

  #dropArrived(): void {
    for (const arrival of [...this.#arrived.values()]) arrival.settle(false)
  }
}

function nameOf({ topic, partition }: TopicPartition): string {
  return `${topic}-${partition}`
}

function toKafkaJs({ topic, partition }: TopicPartition): { topic: string; partitions: number[] } {
  return { topic, partitions: [partition] }
}
