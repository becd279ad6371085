import type { Headers } from '@millrace/serdes'
import type { CompressionTypes, Kafka, Producer as KafkaJsClient, RecordMetadata, Transaction } from 'kafkajs'
import { delay, type Time, type Timer } from '../../time.ts'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from '../consumer.ts'
import type { Producer, ProducerListener } from '../producer.ts'
import { fromKafkaJs, isBrokerError } from './kafkajs-error.ts'
import { estimateBytes, toMessage } from './kafkajs-records.ts'
import { type OutgoingBatch, OutgoingMessages } from './outgoing-messages.ts'
import type { TopicWidths } from './topic-widths.ts'

export interface KafkaJsProducerOptions {
  readonly transactionalId: string | undefined
  readonly transactionTimeoutMs: number
  readonly lingerMs: number
  readonly batchBytes: number
  readonly compression: CompressionTypes | undefined
  /** How long a request is repeated. */
  readonly retryTimeoutMs: number
  readonly widths: TopicWidths
  readonly time: Pick<Time, 'now' | 'setTimer'>
}

const [firstBackoffMs, longestBackoffMs] = [20, 1000]

/**
 * Writes through kafkajs, one request at a time: the oldest batch of each partition that has something.
 *
 * A kafkajs producer that has failed is not used again. Its sequence numbers may be those of records that the broker has
 * already, which would then be taken for these; and a transaction whose end has failed cannot be ended by the same producer.
 */
export class KafkaJsProducer implements Producer {
  readonly #kafka: Kafka
  readonly #options: KafkaJsProducerOptions
  readonly #outgoing: OutgoingMessages
  #listener: ProducerListener | undefined
  #client: Promise<KafkaJsClient> | undefined
  /** The running transaction, once something belongs to it, or the one that `initTransactions` has made ready. */
  #transaction: Promise<Transaction> | undefined
  #isInitialized = false
  #hasRecordsOrOffsets = false
  #bufferedBytes = 0
  /** Grows when what waits and what is under way is given up. */
  #attempt = 0
  #sending: Promise<void> | undefined
  #linger: Timer | undefined
  #failure: ClientError | undefined

  constructor(kafka: Kafka, options: KafkaJsProducerOptions) {
    this.#kafka = kafka
    this.#options = options
    this.#outgoing = new OutgoingMessages(options.batchBytes)
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
    const bytes = estimateBytes(key, value, headers)
    this.#outgoing.add(topic, partition, toMessage(partition, key, value, timestamp, headers), bytes)
    this.#bufferedBytes += bytes
    if (this.#sending !== undefined) return
    this.#linger ??= this.#options.time.setTimer(this.#options.lingerMs, () => {
      this.#linger = undefined
      this.#drain()
    })
  }

  bufferedBytes(): number {
    return this.#bufferedBytes
  }

  async flush(): Promise<void> {
    while (!this.#outgoing.isEmpty || this.#sending !== undefined) {
      this.#drain()
      await this.#sending
    }
  }

  partitionCount(topic: string): number {
    const count = this.#options.widths.get(topic)
    if (count !== undefined) return count
    this.#options.widths.ask(topic)
    const text = `Topic '${topic}' is not known; the cluster is being asked. Create it if it does not exist.`
    throw new ClientError('UNKNOWN_TOPIC_OR_PARTITION', 'retriable', text)
  }

  async initTransactions(): Promise<void> {
    const { transactionalId, widths } = this.#options
    if (transactionalId === undefined) throw notTransactional()
    await this.#discard()
    await this.#dropClient()
    await widths.refresh(null).catch(() => undefined)
    this.#isInitialized = true
    try {
      await this.#begun()
    } catch (error) {
      this.#isInitialized = false
      await this.#dropClient()
      throw fromKafkaJs(error, `Beginning with transactional id '${transactionalId}'`)
    }
  }

  beginTransaction(): void {
    this.#failure = undefined
    this.#hasRecordsOrOffsets = false
  }

  async sendOffsetsToTransaction(
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
    { groupId }: GroupMetadata,
  ): Promise<void> {
    const transaction = await this.#begun()
    this.#hasRecordsOrOffsets = true
    const topics = Array.from(offsets, ([{ topic, partition }, { offset, metadata }]) => ({
      topic,
      partitions: [{ partition, offset: String(offset), metadata }],
    }))
    const what = `The offsets of group '${groupId}' in the transaction of '${this.#options.transactionalId}'`
    await this.#whileBusy(() => transaction.sendOffsets({ consumerGroupId: groupId, topics }), what)
  }

  async commitTransaction(): Promise<void> {
    await this.flush()
    this.#requireInitialized()
    if (this.#failure !== undefined) {
      const { code, kind, message } = this.#failure
      const text = `The transaction cannot commit, because records were not written: ${message}`
      throw new ClientError(code, kind === 'fenced' ? 'fenced' : 'abortable', text, { cause: this.#failure })
    }
    if (!this.#hasRecordsOrOffsets) return
    const transaction = await this.#begun()
    this.#transaction = undefined
    try {
      await transaction.commit()
    } catch (error) {
      await this.#dropClient()
      throw fromKafkaJs(error, `The commit of the transaction of '${this.#options.transactionalId}'`, true)
    }
  }

  async abortTransaction(): Promise<void> {
    await this.#discard()
    if (!this.#isInitialized || !this.#hasRecordsOrOffsets) return
    this.#hasRecordsOrOffsets = false
    // A new producer of the same id ends what this one has open, whatever has become of it.
    await this.initTransactions()
  }

  async close(): Promise<void> {
    if (this.#options.transactionalId === undefined) await this.flush()
    await this.#discard()
    // Readers need not wait for the transaction's time-out. A newer producer of the same id is not disturbed.
    const open = this.#hasRecordsOrOffsets ? this.#transaction : undefined
    await open?.then((transaction) => transaction.abort()).catch(() => undefined)
    await this.#dropClient()
  }

  #drain(): void {
    if (this.#sending !== undefined || this.#outgoing.isEmpty) return
    this.#linger?.cancel()
    this.#linger = undefined
    this.#sending = this.#sendAll().finally(() => {
      this.#sending = undefined
    })
  }

  async #sendAll(): Promise<void> {
    const attempt = this.#attempt
    while (!this.#outgoing.isEmpty && attempt === this.#attempt) {
      const batches = this.#outgoing.takeOldest()
      try {
        const written = await this.#write(batches)
        if (attempt === this.#attempt) this.#acknowledge(batches, written)
      } catch (error) {
        if (attempt === this.#attempt) await this.#fail(batches, error)
      }
    }
  }

  async #write(batches: readonly OutgoingBatch[]): Promise<readonly RecordMetadata[]> {
    const { compression, transactionalId } = this.#options
    const sender = transactionalId === undefined ? await this.#connected() : await this.#begun()
    this.#hasRecordsOrOffsets = true
    const topicMessages = batches.map(({ topic, messages }) => ({ topic, messages }))
    return sender.sendBatch({ acks: -1, topicMessages, ...(compression === undefined ? {} : { compression }) })
  }

  #acknowledge(batches: readonly OutgoingBatch[], written: readonly RecordMetadata[]): void {
    const offsets = new Map(written.map((one) => [`${one.topicName}-${one.partition}`, Number(one.baseOffset ?? -1)]))
    for (const { topic, partition, messages, bytes } of batches) {
      this.#bufferedBytes -= bytes
      const baseOffset = offsets.get(`${topic}-${partition}`) ?? -1
      if (baseOffset >= 0) this.#listener?.onAcknowledged(topic, partition, baseOffset + messages.length - 1, -1)
    }
  }

  async #fail(batches: readonly OutgoingBatch[], error: unknown): Promise<void> {
    for (const { topic, partition, bytes } of batches) {
      this.#bufferedBytes -= bytes
      const failure = asClientError(fromKafkaJs(error, `Producing to ${topic}-${partition}`))
      this.#failure ??= failure
      this.#listener?.onSendFailed(topic, partition, failure)
    }
    if (this.#options.transactionalId === undefined) await this.#dropClient()
  }

  /** Gives up what waits, and waits for what is under way. */
  async #discard(): Promise<void> {
    this.#attempt += 1
    this.#linger?.cancel()
    this.#linger = undefined
    this.#outgoing.clear()
    await this.#sending
    this.#bufferedBytes = 0
    this.#failure = undefined
  }

  #connected(): Promise<KafkaJsClient> {
    this.#client ??= this.#connect()
    return this.#client
  }

  async #connect(): Promise<KafkaJsClient> {
    const { transactionalId, transactionTimeoutMs, retryTimeoutMs } = this.#options
    const client = this.#kafka.producer({
      allowAutoTopicCreation: false,
      retry: {
        initialRetryTime: firstBackoffMs,
        maxRetryTime: longestBackoffMs,
        retries: Math.ceil(retryTimeoutMs / longestBackoffMs) + 6,
      },
      createPartitioner:
        () =>
        ({ message }) =>
          message.partition!,
      ...(transactionalId === undefined
        ? { idempotent: true }
        : { transactionalId, transactionTimeout: transactionTimeoutMs, maxInFlightRequests: 1 }),
    })
    try {
      await client.connect()
      return client
    } catch (error) {
      this.#client = undefined
      throw error
    }
  }

  /** The running transaction. */
  #begun(): Promise<Transaction> {
    this.#requireInitialized()
    this.#transaction ??= this.#begin()
    return this.#transaction
  }

  async #begin(): Promise<Transaction> {
    try {
      return await (await this.#connected()).transaction()
    } catch (error) {
      this.#transaction = undefined
      throw error
    }
  }

  async #dropClient(): Promise<void> {
    const opened = this.#client
    this.#client = undefined
    this.#transaction = undefined
    // It is of no use any more, whether or not it can say goodbye.
    await opened?.then((client) => client.disconnect()).catch(() => undefined)
  }

  /** The coordinator may still be writing what ended the transaction before; kafkajs does not wait for that everywhere. */
  async #whileBusy(call: () => Promise<void>, what: string): Promise<void> {
    const { time, retryTimeoutMs } = this.#options
    const endMs = time.now() + retryTimeoutMs
    for (let backoffMs = firstBackoffMs; ; backoffMs = Math.min(longestBackoffMs, backoffMs * 2)) {
      try {
        await call()
        return
      } catch (error) {
        const isBusy = isBrokerError(error, 'CONCURRENT_TRANSACTIONS') || isBrokerError(error, 'NOT_COORDINATOR')
        if (!isBusy || time.now() >= endMs) throw fromKafkaJs(error, what)
      }
      await delay(time, backoffMs)
    }
  }

  #requireInitialized(): void {
    if (this.#options.transactionalId === undefined) throw notTransactional()
    if (this.#isInitialized) return
    throw new ClientError('NOT_INITIALIZED', 'fatal', 'initTransactions() must come before the first transaction.')
  }
}

function notTransactional(): ClientError {
  return new ClientError('NOT_TRANSACTIONAL', 'fatal', 'This producer was made without a transactional id.')
}

function asClientError(error: unknown): ClientError {
  if (error instanceof ClientError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new ClientError('KAFKAJS_ERROR', 'fatal', message, { cause: error })
}
