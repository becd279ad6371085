import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import type { LogEngine, ProducerIdentity, Time, Timer, TransactionalProducer } from '@millrace/log-engine'
import type { Headers } from '@millrace/serdes'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from '../consumer.ts'
import type { Producer, ProducerListener } from '../producer.ts'
import { toEngineOffsets } from './embedded-consumer.ts'
import { toClientError, translating } from './embedded-error.ts'
import { offsetOwner } from './embedded-group-coordinator.ts'

interface OpenPartition extends TopicPartition {
  readonly builder: RecordBatchBuilder
  /** Sequence number of the next record. */
  sequence: number
}

/**
 * Writes to a log engine in the same process. Records gather in one batch per partition and are appended when it is full,
 * at `flush`, or (outside transactions) after the linger time. An append is acknowledged at once.
 */
export class EmbeddedProducer implements Producer {
  readonly #engine: LogEngine
  readonly #transactionalId: string | undefined
  readonly #transactionTimeoutMs: number
  readonly #batchBytes: number
  readonly #lingerMs: number
  readonly #time: Time
  readonly #partitions = new Map<string, OpenPartition[]>()
  readonly #dirty = new Set<OpenPartition>()
  readonly #partitionCounts = new Map<string, number>()
  #listener: ProducerListener | undefined
  #identity: ProducerIdentity | undefined
  #isOngoing = false
  #linger: Timer | undefined

  constructor(
    engine: LogEngine,
    options: {
      readonly transactionalId: string | undefined
      readonly transactionTimeoutMs: number
      readonly batchBytes: number
      readonly lingerMs: number
      readonly time: Time
    },
  ) {
    this.#engine = engine
    this.#transactionalId = options.transactionalId
    this.#transactionTimeoutMs = options.transactionTimeoutMs
    this.#batchBytes = options.batchBytes
    this.#lingerMs = options.lingerMs
    this.#time = options.time
  }

  setListener(listener: ProducerListener): void {
    this.#listener = listener
  }

  send(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void {
    const open = this.#open(topic, partition)
    const { builder } = open
    if (builder.recordCount === 0) this.#dirty.add(open)
    builder.append(timestamp, key, value, headers.size === 0 ? null : headers)
    if (builder.sizeInBytes >= this.#batchBytes) this.#append(open)
    else if (this.#transactionalId === undefined) this.#linger ??= this.#time.setTimer(this.#lingerMs, this.#flushNow)
  }

  bufferedBytes(): number {
    return 0
  }

  async flush(): Promise<void> {
    this.#flushNow()
  }

  partitionCount(topic: string): number {
    let count = this.#partitionCounts.get(topic)
    if (count === undefined) {
      count = this.#engine.describeTopic(topic)?.partitions
      if (count === undefined) {
        throw new ClientError(
          'UNKNOWN_TOPIC_OR_PARTITION',
          'fatal',
          `Topic '${topic}' does not exist. Create it before records are sent to it.`,
        )
      }
      this.#partitionCounts.set(topic, count)
    }
    return count
  }

  async initTransactions(): Promise<void> {
    const transactionalId = this.#requireTransactionalId()
    this.#discard()
    try {
      this.#identity = await this.#engine.initProducerId({
        transactionalId,
        transactionTimeoutMs: this.#transactionTimeoutMs,
      })
    } catch (error) {
      throw toClientError(error)
    }
    this.#partitions.clear()
  }

  beginTransaction(): void {
    this.#isOngoing = false
  }

  async sendOffsetsToTransaction(
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
    group: GroupMetadata,
  ): Promise<void> {
    translating(() => {
      this.#engine.addOffsetsToTxn(this.#producer(), group.groupId)
      this.#isOngoing = true
      this.#engine.txnOffsetCommit(this.#producer(), offsetOwner(group), toEngineOffsets(offsets))
    })
  }

  async commitTransaction(): Promise<void> {
    this.#flushNow()
    if (!this.#isOngoing) return
    try {
      await this.#engine.endTxn(this.#producer(), 'commit')
    } catch (error) {
      throw toClientError(error, true)
    }
  }

  async abortTransaction(): Promise<void> {
    const wasOpen = this.#isOngoing
    this.#discard()
    if (!wasOpen) return
    try {
      await this.#engine.endTxn(this.#producer(), 'abort')
    } catch (error) {
      throw toClientError(error)
    }
  }

  async close(): Promise<void> {
    this.#linger?.cancel()
    this.#linger = undefined
    if (this.#transactionalId === undefined) this.#flushNow()
  }

  readonly #flushNow = (): void => {
    this.#linger?.cancel()
    this.#linger = undefined
    for (const open of this.#dirty) this.#append(open)
    this.#partitionCounts.clear()
  }

  #append(open: OpenPartition): void {
    const { builder, topic, partition } = open
    const { recordCount } = builder
    const isTransactional = this.#transactionalId !== undefined
    this.#dirty.delete(open)
    try {
      const batch = builder.build(
        isTransactional ? { ...this.#producer(), baseSequence: open.sequence, isTransactional } : {},
      )
      if (isTransactional) this.#isOngoing = true
      const appended = this.#engine.append(
        open,
        batch,
        isTransactional ? { transactionalId: this.#requireTransactionalId() } : {},
      )
      open.sequence = (open.sequence + recordCount) % 0x80000000
      // The log's epoch does not change while it is open.
      this.#listener?.onAcknowledged(topic, partition, appended.lastOffset, -1)
    } catch (error) {
      this.#listener?.onSendFailed(topic, partition, toClientError(error) as Error)
    } finally {
      builder.reset()
    }
  }

  #discard(): void {
    for (const { builder } of this.#dirty) builder.reset()
    this.#dirty.clear()
    this.#isOngoing = false
  }

  #open(topic: string, partition: number): OpenPartition {
    let partitions = this.#partitions.get(topic)
    if (partitions === undefined) {
      partitions = []
      this.#partitions.set(topic, partitions)
    }
    let open = partitions[partition]
    if (open === undefined) {
      open = { topic, partition, builder: new RecordBatchBuilder(), sequence: 0 }
      partitions[partition] = open
    }
    return open
  }

  #producer(): TransactionalProducer {
    if (this.#identity === undefined) {
      throw new ClientError('NOT_INITIALIZED', 'fatal', 'initTransactions() must come before the first transaction.')
    }
    return { ...this.#identity, transactionalId: this.#requireTransactionalId() }
  }

  #requireTransactionalId(): string {
    if (this.#transactionalId === undefined) {
      throw new ClientError('NOT_TRANSACTIONAL', 'fatal', 'This producer was made without a transactional id.')
    }
    return this.#transactionalId
  }
}
