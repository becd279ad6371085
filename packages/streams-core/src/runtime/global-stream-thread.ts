// GlobalStreamThread: keeps the global stores in step with their topics, beside the stream threads.
//
// Owns:      a consumer without a group, the global task, where it stands (GlobalState).
// Does not:  send, or commit offsets to a group: where the stores stand is written with the stores.
//
// Invariants
//   G1. No stream thread starts before the global stores hold all that their topics held at the start.
//   G2. Records are applied between the turns of the stream threads, never within one.
//
//   created ─► starting ─► running ─► dead

import { SerdeNotReadyError } from '@millrace/serdes'
import type { Admin } from '../clients/admin.ts'
import type { Consumer, ConsumerRecord, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { OffsetOutOfRangeError } from '../clients/offset-out-of-range-error.ts'
import { MissingSourceTopicError, TaskCorruptedError, TimeoutError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import { delay, type Time } from '../time.ts'
import type { GlobalState } from './global-state.ts'
import type { GlobalTask } from './global-task.ts'

/** ms after which a record that waits for its serde is tried again, unless that is ready before. */
const retryMs = 1000

/** @see org.apache.kafka.streams.processor.internals.GlobalStreamThread */
export class GlobalStreamThread {
  readonly #task: GlobalTask
  readonly #state: GlobalState
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #config: StreamsConfig
  readonly #time: Time
  #partitions: readonly TopicPartition[] = []
  #stopRequested = false

  constructor(options: {
    readonly task: GlobalTask
    readonly state: GlobalState
    readonly consumer: Consumer
    readonly admin: Admin
    readonly config: StreamsConfig
    readonly time: Time
  }) {
    this.#task = options.task
    this.#state = options.state
    this.#consumer = options.consumer
    this.#admin = options.admin
    this.#config = options.config
    this.#time = options.time
  }

  /** Fills the stores up to the present ends of their topics. @throws MissingSourceTopicError */
  async start(): Promise<void> {
    this.#task.initialize()
    const topics = [...this.#task.topics]
    const found = await this.#admin.describeTopics(topics)
    const missing = topics.filter((topic) => !found.has(topic))
    if (missing.length > 0) throw new MissingSourceTopicError(missing)
    const partitions = [...found.values()].flatMap((topic) =>
      Array.from({ length: topic.partitions }, (_, partition) => ({ topic: topic.name, partition })),
    )
    const offsets = await this.#state.startOffsets(partitions)
    this.#partitions = partitions
    this.#consumer.assign(partitions)
    for (const [partition, offset] of offsets) this.#consumer.seek(partition, offset)
    const isolation = this.#config.processingGuarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted'
    const ends = await this.#admin.endOffsets(partitions, isolation)
    while (partitions.some((partition: TopicPartition) => this.#consumer.position(partition) < ends.get(partition)!)) {
      if (this.#stopRequested) return
      await this.#apply(await this.#poll())
      await this.#time.nextTurn()
    }
  }

  /** Goes on until `stop` is called. Rejects with what the global task could not handle. */
  async run(): Promise<void> {
    try {
      while (!this.#stopRequested) {
        await this.#apply(await this.#poll())
        await this.#time.nextTurn()
      }
      await this.#state.maybeCommit(() => this.#positions(), true)
    } finally {
      await this.close()
    }
  }

  /** Closes what `start` has opened; `run` does it itself. */
  async close(): Promise<void> {
    this.#task.close()
    await this.#state.close()
    await this.#consumer.close()
  }

  stop(): void {
    this.#stopRequested = true
    this.#consumer.wakeup()
  }

  /** @throws TaskCorruptedError when a topic was cut before it was read: a join would go on with stores that lack something. */
  async #poll(): Promise<readonly PartitionRecords[]> {
    try {
      return await this.#consumer.poll(this.#config.pollMs)
    } catch (error) {
      if (!(error instanceof OffsetOutOfRangeError)) throw error
      throw new TaskCorruptedError(
        ['global'],
        `The global stores cannot follow their topics: ${error.places}, because the log was cut or made anew before they had read it. Start the application again: they are filled anew then.`,
        { cause: error },
      )
    }
  }

  async #apply(polled: readonly PartitionRecords[]): Promise<void> {
    for (const { topic, partition, records } of polled) {
      for (const record of records) {
        try {
          this.#task.update(topic, partition, record)
        } catch (error) {
          if (!(error instanceof SerdeNotReadyError)) throw error
          await this.#updateWhenReady(topic, partition, record, error)
        }
      }
    }
    if (polled.length === 0) return
    this.#task.flush()
    await this.#state.maybeCommit(() => this.#positions(), false)
  }

  #positions(): ReadonlyMap<TopicPartition, number> {
    return new Map(this.#partitions.map((partition) => [partition, this.#consumer.position(partition)]))
  }

  /** Tries a record whose serde has to fetch something, until `task.timeout.ms` have passed. */
  async #updateWhenReady(
    topic: string,
    partition: number,
    record: ConsumerRecord,
    first: SerdeNotReadyError,
  ): Promise<void> {
    const { taskTimeoutMs } = this.#config
    const deadline = this.#time.now() + taskTimeoutMs
    let notReady = first
    while (!this.#stopRequested) {
      await Promise.race([notReady.ready, delay(this.#time, retryMs)])
      try {
        this.#task.update(topic, partition, record)
        return
      } catch (error) {
        if (!(error instanceof SerdeNotReadyError)) throw error
        notReady = error
      }
      if (this.#time.now() > deadline) {
        throw new TimeoutError(
          `Record ${topic}-${partition} at offset ${record.offset} of a global store has waited for its serde for task.timeout.ms (${taskTimeoutMs} ms): ${notReady.message}`,
          { cause: notReady },
        )
      }
    }
  }
}
