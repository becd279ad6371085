import type { Cluster, Time } from '@millrace/kafka-client'
import type { CompressionType } from '@millrace/kafka-protocol'
import type { Headers } from '@millrace/serdes'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from '../consumer.ts'
import type { Producer, ProducerListener } from '../producer.ts'
import { BatchQueue } from './batch-queue.ts'
import type { PartitionCounts } from './partition-counts.ts'
import { ProduceLoop } from './produce-loop.ts'
import { type ProducerIdentity, TransactionClient } from './transaction-client.ts'

export interface NativeProducerOptions {
  readonly transactionalId: string | undefined
  readonly transactionTimeoutMs: number
  readonly batchBytes: number
  readonly bufferMemoryBytes: number
  readonly lingerMs: number
  readonly maxInFlight: number
  readonly compression: CompressionType
  readonly deliveryTimeoutMs: number
  readonly requestTimeoutMs: number
  readonly retryTimeoutMs: number
  readonly counts: PartitionCounts
  readonly time: Time
}

/**
 * Writes to a Kafka cluster: one open batch per partition, idempotent, several requests under way. A batch goes out when it is
 * full, after the linger time, and at `flush`.
 */
export class NativeProducer implements Producer {
  readonly #cluster: Cluster
  readonly #options: NativeProducerOptions
  readonly #client: TransactionClient
  readonly #loop: ProduceLoop
  readonly #append: { readonly batchBytes: number; readonly now: () => number }
  #queues = new Map<string, BatchQueue[]>()
  #listener: ProducerListener | undefined
  #identity: ProducerIdentity | undefined
  #bufferedBytes = 0
  /** A batch is missing from the order of its partition: sequences must begin anew. */
  #hasGap = false
  #hasOffsets = false
  /** Why the running transaction cannot commit. */
  #failure: ClientError | undefined
  readonly #asked = new Set<string>()

  constructor(cluster: Cluster, options: NativeProducerOptions) {
    this.#cluster = cluster
    this.#options = options
    const { transactionalId, transactionTimeoutMs, retryTimeoutMs, time } = options
    const limits = { transactionalId, transactionTimeoutMs, deadlineMs: retryTimeoutMs, time }
    this.#client = new TransactionClient(cluster, limits)
    this.#append = { batchBytes: options.batchBytes, now: () => time.now() }
    this.#loop = new ProduceLoop(cluster, {
      ...options,
      prepare: (queues) => this.#prepare(queues),
      identity: () => this.#identity!,
      joinsByWriting: () => this.#client.joinsByWriting,
      onDone: (queue) => this.#onDone(queue),
      onFailed: (queue, batch, error) => {
        this.#bufferedBytes -= batch.builder.sizeInBytes
        this.#hasGap = true
        this.#failure ??= error
        this.#listener?.onSendFailed(queue.topic, queue.partition, error)
      },
    })
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
    const queue = this.#queue(topic, partition)
    const isFirst = queue.batches.length === 0
    this.#bufferedBytes += queue.append(key, value, timestamp, headers, this.#append)
    if (isFirst) this.#loop.touch(queue)
    else if (queue.batches.at(-1)!.isClosed) this.#loop.drain()
  }

  get bufferMemoryBytes(): number {
    return this.#options.bufferMemoryBytes
  }

  bufferedBytes(): number {
    return this.#bufferedBytes
  }

  flush(): Promise<void> {
    return this.#loop.flush()
  }

  partitionCount(topic: string): number {
    const count = this.#options.counts.get(topic)
    if (count !== undefined) return count
    const text = `Topic '${topic}' is not known; the cluster is being asked. Create it if it does not exist.`
    void this.#ask(topic)
    throw new ClientError('UNKNOWN_TOPIC_OR_PARTITION', 'retriable', text)
  }

  async initTransactions(): Promise<void> {
    this.#requireTransactionalId()
    this.#discard()
    await this.#options.counts.refresh(this.#cluster, null).catch(() => undefined)
    this.#identity = await this.#client.identify()
    this.#hasGap = false
  }

  beginTransaction(): void {
    for (const queues of this.#queues.values()) for (const queue of queues) if (queue) queue.isEnlisted = false
    this.#hasOffsets = false
    this.#failure = undefined
  }

  async sendOffsetsToTransaction(
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
    group: GroupMetadata,
  ): Promise<void> {
    this.#loop.drain()
    const identity = this.#requireIdentity()
    this.#hasOffsets = true
    await this.#client.commitOffsets(identity, offsets, group)
  }

  async commitTransaction(): Promise<void> {
    await this.flush()
    const identity = this.#requireIdentity()
    if (this.#failure !== undefined) {
      const { code, kind, message } = this.#failure
      const text = `The transaction cannot commit, because records were not written: ${message}`
      throw new ClientError(code, kind === 'fenced' ? 'fenced' : 'abortable', text, { cause: this.#failure })
    }
    if (this.#isOpen()) this.#becomes(await this.#client.end(identity, 'commit'))
  }

  async abortTransaction(): Promise<void> {
    const hadRecords = this.#bufferedBytes > 0
    const wasOpen = this.#isOpen()
    this.#discard()
    await this.#loop.settle()
    if (this.#identity === undefined) return
    if (!wasOpen && !hadRecords) return
    const before = this.#identity
    if (wasOpen) this.#becomes(await this.#client.end(before, 'abort'))
    // What was given up leaves gaps in the sequences; under a new epoch they begin anew.
    if (this.#identity === before) this.#identity = await this.#client.identify()
    this.#hasGap = false
  }

  async close(): Promise<void> {
    if (this.#options.transactionalId === undefined) await this.flush()
    this.#loop.close()
    await this.#cluster.close()
  }

  /** The identity first, then, in a transaction, the partitions. */
  #prepare(queues: readonly BatchQueue[]): Promise<void> | undefined {
    if (this.#hasGap && this.#options.transactionalId === undefined) {
      if (this.#loop.isSending) return this.#loop.settle()
      this.#identity = undefined
    }
    if (this.#identity === undefined) return this.#identify()
    if (this.#options.transactionalId === undefined) return undefined
    if (this.#client.joinsByWriting) {
      for (const queue of queues) queue.isEnlisted = true
      return undefined
    }
    const strange = queues.filter(({ isEnlisted }) => !isEnlisted)
    return strange.length === 0 ? undefined : this.#enlist(this.#identity, strange)
  }

  async #identify(): Promise<void> {
    try {
      this.#identity =
        this.#options.transactionalId === undefined ? await this.#client.identify() : this.#requireIdentity()
      this.#hasGap = false
      for (const queues of this.#queues.values()) for (const queue of queues) queue?.restartSequences()
    } catch (error) {
      this.#loop.failAll(error as ClientError)
    }
  }

  async #enlist(identity: ProducerIdentity, queues: readonly BatchQueue[]): Promise<void> {
    try {
      // Whatever the answer: the coordinator may have taken them.
      for (const queue of queues) queue.isEnlisted = true
      await this.#client.addPartitions(identity, queues)
    } catch (error) {
      this.#loop.failAll(error as ClientError)
    }
  }

  /** Under another epoch the sequences begin anew; leaders know the producer by its id. */
  #becomes(identity: ProducerIdentity): void {
    const before = this.#identity
    if (before === identity) return
    this.#identity = identity
    const isKnown = before?.producerId === identity.producerId
    for (const queues of this.#queues.values()) for (const queue of queues) queue?.restartSequences(isKnown)
  }

  #onDone(queue: BatchQueue): void {
    let lastOffset = -1
    for (const { builder, lastOffset: offset } of queue.takeDone()) {
      this.#bufferedBytes -= builder.sizeInBytes
      lastOffset = Math.max(lastOffset, offset)
    }
    if (lastOffset < 0) return
    const { topic, partition } = queue
    const leaderEpoch = this.#cluster.knownTopic(topic)?.partitions[partition]?.leaderEpoch ?? -1
    this.#listener?.onAcknowledged(topic, partition, lastOffset, leaderEpoch)
  }

  /** Whether the coordinator has to end the transaction. */
  #isOpen(): boolean {
    if (this.#hasOffsets) return true
    for (const queues of this.#queues.values()) if (queues.some((queue) => queue?.isEnlisted)) return true
    return false
  }

  #discard(): void {
    this.#loop.drop()
    this.#queues = new Map()
    this.#bufferedBytes = 0
    this.#hasOffsets = false
    this.#failure = undefined
  }

  async #ask(topic: string): Promise<void> {
    if (this.#asked.has(topic)) return
    this.#asked.add(topic)
    await this.#options.counts.refresh(this.#cluster, [topic]).catch(() => undefined)
    this.#asked.delete(topic)
  }

  #queue(topic: string, partition: number): BatchQueue {
    let queues = this.#queues.get(topic)
    if (queues === undefined) {
      queues = []
      this.#queues.set(topic, queues)
    }
    let queue = queues[partition]
    if (queue === undefined) {
      queue = new BatchQueue(topic, partition)
      queues[partition] = queue
    }
    return queue
  }

  #requireIdentity(): ProducerIdentity {
    this.#requireTransactionalId()
    if (this.#identity !== undefined) return this.#identity
    throw new ClientError('NOT_INITIALIZED', 'fatal', 'initTransactions() must come before the first transaction.')
  }

  #requireTransactionalId(): void {
    if (this.#options.transactionalId !== undefined) return
    throw new ClientError('NOT_TRANSACTIONAL', 'fatal', 'This producer was made without a transactional id.')
  }
}
