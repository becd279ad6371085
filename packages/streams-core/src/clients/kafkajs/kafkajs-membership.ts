// KafkaJsMembership: one member of a group, through the running kafkajs consumer.
//
// Owns:      the kafkajs consumer, what the group has said since the last look.
// Does not:  read (every partition is paused in kafkajs), call the runtime.
// In:        start; commit; stop.
// Out:       onChange when there is something to look at.
//
// Invariants
//   K1. kafkajs enters the next generation without asking. From that moment on nothing of the last one can be committed.
//   K2. An assignment is handed out once, and never after one that came later.

import type { Kafka, Consumer as KafkaJsClient } from 'kafkajs'
import { ClientError } from '../client-error.ts'
import type { OffsetAndMetadata, TopicPartition } from '../consumer.ts'
import type { GroupAssignor } from '../group/group-assignor.ts'
import { kafkaJsAssigner } from './kafkajs-assigner.ts'
import { fromKafkaJs } from './kafkajs-error.ts'
import type { TopicWidths } from './topic-widths.ts'

export interface KafkaJsMembershipOptions {
  readonly groupId: string
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
  readonly assignor: GroupAssignor
  readonly widths: TopicWidths
  /** Hears that an assignment or a failure has come. */
  readonly onChange: () => void
}

/** How long kafkajs, which has nothing to fetch, sleeps before it looks whether a heartbeat is due. */
const maxWaitTimeInMs = 100

export class KafkaJsMembership {
  readonly #client: KafkaJsClient
  readonly #options: KafkaJsMembershipOptions
  #memberId = ''
  #generations = 0
  #joined: readonly TopicPartition[] | undefined
  #isLost = false
  #isStopped = false
  #failure: unknown

  constructor(kafka: Kafka, options: KafkaJsMembershipOptions) {
    this.#options = options
    const { groupId, assignor, widths } = options
    this.#client = kafka.consumer({
      groupId,
      sessionTimeout: options.sessionTimeoutMs,
      heartbeatInterval: options.heartbeatIntervalMs,
      rebalanceTimeout: options.rebalanceTimeoutMs,
      maxWaitTimeInMs,
      allowAutoTopicCreation: false,
      partitionAssigners: [kafkaJsAssigner(assignor, widths, () => (this.#generations === 0 ? -1 : this.#generations))],
      retry: { retries: 5, restartOnFailure: async () => !this.#isStopped },
    })
    const { events } = this.#client
    this.#client.on(events.REBALANCING, () => this.#lose())
    this.#client.on(events.GROUP_JOIN, ({ payload }) => this.#join(payload.memberId, payload.memberAssignment))
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
      await this.#client.run({ autoCommit: false, eachBatchAutoResolve: false, eachBatch: async () => undefined })
    } catch (error) {
      this.#failure = fromKafkaJs(error, `Joining group '${this.#options.groupId}'`)
    }
    this.#options.onChange()
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
    await this.#client.disconnect().catch(() => undefined)
  }

  #join(memberId: string, assignment: Readonly<Record<string, readonly number[]>>): void {
    this.#lose()
    this.#memberId = memberId
    this.#generations += 1
    this.#pause(assignment)
    this.#joined = Object.entries(assignment).flatMap(([topic, partitions]) =>
      partitions.map((partition) => ({ topic, partition })),
    )
    this.#options.onChange()
  }

  #lose(): void {
    this.#isLost = true
    this.#joined = undefined
    this.#options.onChange()
  }

  /** kafkajs throws where it is between two runs; the next assignment begins anew. */
  #pause(assignment: Readonly<Record<string, readonly number[]>>): void {
    try {
      this.#client.pause(
        Object.entries(assignment).map(([topic, partitions]) => ({ topic, partitions: [...partitions] })),
      )
    } catch (error) {
      if (!(error instanceof Error && error.name === 'KafkaJSNonRetriableError')) throw error
    }
  }
}
