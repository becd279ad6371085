// GlobalStreamThread: keeps the global stores in step with their topics, beside the stream threads.
//
// Owns:      a consumer without a group, the global task.
// Does not:  commit, send, or keep anything over a restart: at each start the stores are filled from their topics anew.
//
// Invariants
//   G1. No stream thread starts before the global stores hold all that their topics held at the start.
//   G2. Records are applied between the turns of the stream threads, never within one.
//
//   created ─► starting ─► running ─► dead

import type { Admin } from '../clients/admin.ts'
import type { Consumer, PartitionRecords, TopicPartition } from '../clients/consumer.ts'
import { MissingSourceTopicError } from '../errors.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { GlobalTask } from './global-task.ts'

/** @see org.apache.kafka.streams.processor.internals.GlobalStreamThread */
export class GlobalStreamThread {
  readonly #task: GlobalTask
  readonly #consumer: Consumer
  readonly #admin: Admin
  readonly #config: StreamsConfig
  readonly #time: Time
  #stopRequested = false

  constructor(options: {
    readonly task: GlobalTask
    readonly consumer: Consumer
    readonly admin: Admin
    readonly config: StreamsConfig
    readonly time: Time
  }) {
    this.#task = options.task
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
    this.#consumer.assign(partitions)
    this.#consumer.seekToBeginning(partitions)
    const isolation = this.#config.processingGuarantee === 'exactly_once_v2' ? 'read_committed' : 'read_uncommitted'
    const ends = await this.#admin.endOffsets(partitions, isolation)
    while (partitions.some((partition: TopicPartition) => this.#consumer.position(partition) < ends.get(partition)!)) {
      if (this.#stopRequested) return
      this.#apply(await this.#consumer.poll(this.#config.pollMs))
      await this.#time.nextTurn()
    }
  }

  /** Goes on until `stop` is called. Rejects with what the global task could not handle. */
  async run(): Promise<void> {
    try {
      while (!this.#stopRequested) {
        this.#apply(await this.#consumer.poll(this.#config.pollMs))
        await this.#time.nextTurn()
      }
    } finally {
      this.#task.close()
      await this.#consumer.close()
    }
  }

  stop(): void {
    this.#stopRequested = true
    this.#consumer.wakeup()
  }

  #apply(polled: readonly PartitionRecords[]): void {
    for (const { topic, partition, records } of polled) {
      for (const record of records) this.#task.update(topic, partition, record)
    }
    if (polled.length > 0) this.#task.flush()
  }
}
