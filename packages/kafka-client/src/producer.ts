import {
  type CompressionType,
  errorName,
  isRetriableError,
  partitionForKey,
  RecordBatchBuilder,
  type RecordHeader,
} from '@millrace/kafka-protocol'
import { initProducerIdApi, produceApi, type ResponseOf } from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Cluster, TopicMetadata } from './cluster.ts'
import { systemTime, type Time } from './time.ts'

/** Options of a producer. */
export interface ProducerOptions {
  /** -1 (default): all replicas in sync; 1: the leader; 0: no answer. */
  readonly acks?: -1 | 0 | 1
  readonly compression?: CompressionType
  /** Default true: duplicates of a retry are not written. Needs acks -1. */
  readonly idempotent?: boolean
  /** Records of a partition go out when so many bytes are there; less when nothing is under way. Default 64 KiB. */
  readonly batchBytes?: number
  /** How long the broker may take. Default 30 000. */
  readonly timeoutMs?: number
  readonly time?: Time
}

/** A record to be sent. */
export interface ProducerRecord {
  readonly topic: string
  /** Default: by the hash of the key as in Java; without key, one partition after the other, batch by batch. */
  readonly partition?: number
  readonly key: Uint8Array | null
  readonly value: Uint8Array | null
  /** Unix ms; default now. */
  readonly timestamp?: number
  readonly headers?: Iterable<RecordHeader>
}

/** Where a record has come to lie. */
export interface RecordMetadata {
  readonly topic: string
  readonly partition: number
  /** -1 under acks 0. */
  readonly offset: number
}

/** Records of one partition that travel together. */
interface Batch {
  readonly builder: RecordBatchBuilder
  readonly waiting: { resolve(metadata: RecordMetadata): void; reject(error: Error): void }[]
}

interface WaitingRecord {
  readonly record: ProducerRecord
  resolve(metadata: RecordMetadata): void
  reject(error: Error): void
}

interface Destination {
  readonly topic: string
  readonly partition: number
  readonly batches: Batch[]
  /** One batch at a time is under way: order and sequence numbers need no more care than that. */
  isSending: boolean
  nextSequence: number
}

/**
 * Sends records. Those of a partition are gathered while one batch is under way, and go out as the next; their order is
 * that of the calls.
 */
export class Producer {
  readonly #cluster: Cluster
  readonly #options: Required<Omit<ProducerOptions, 'time'>>
  readonly #time: Time
  readonly #destinations = new Map<string, Map<number, Destination>>()
  readonly #sticky = new Map<string, number>()
  readonly #waiting = new Map<string, WaitingRecord[]>()
  readonly #flushing = new Set<Promise<unknown>>()
  #identity: Promise<{ producerId: bigint; producerEpoch: number }> | undefined

  constructor(cluster: Cluster, options: ProducerOptions = {}) {
    const { acks = -1, compression = 'none', batchBytes = 65_536, timeoutMs = 30_000 } = options
    this.#cluster = cluster
    this.#options = { acks, compression, batchBytes, timeoutMs, idempotent: options.idempotent ?? acks === -1 }
    this.#time = options.time ?? systemTime
  }

  /** Settles when the record is acknowledged. @throws KafkaClientError */
  send(record: ProducerRecord): Promise<RecordMetadata> {
    const topic = this.#cluster.knownTopic(record.topic)
    const waiting = this.#waiting.get(record.topic)
    if (topic !== undefined && waiting === undefined) return this.#append(record, topic)
    return new Promise((resolve, reject) => {
      const one = { record, resolve, reject }
      if (waiting === undefined) this.#supervise(this.#learnTopic(record.topic, [one]))
      else waiting.push(one)
    })
  }

  /** Records of a topic wait together while it is asked for, so that they stay in order. */
  async #learnTopic(name: string, waiting: WaitingRecord[]): Promise<void> {
    this.#waiting.set(name, waiting)
    try {
      const topic = await this.#cluster.retrying(() => this.#cluster.topic(name, true))
      for (const { record, resolve, reject } of waiting) this.#append(record, topic).then(resolve, reject)
    } catch (error) {
      for (const { reject } of waiting) reject(error instanceof Error ? error : new Error(String(error)))
    }
    this.#waiting.delete(name)
  }

  #append(record: ProducerRecord, { partitions }: TopicMetadata): Promise<RecordMetadata> {
    const partition = record.partition ?? this.#choose(record, partitions.length)
    if (partition < 0 || partition >= partitions.length) {
      const text = `Topic '${record.topic}' has no partition ${partition}; it has ${partitions.length}.`
      return Promise.reject(new KafkaClientError('UNKNOWN_TOPIC_OR_PARTITION', text))
    }
    const destination = this.#destination(record.topic, partition)
    const batch = this.#openBatch(destination, record)
    batch.builder.append(record.timestamp ?? this.#time.now(), record.key, record.value, record.headers)
    const sent = new Promise<RecordMetadata>((resolve, reject) => batch.waiting.push({ resolve, reject }))
    if (!destination.isSending) this.#supervise(this.#sendBatches(destination))
    return sent
  }

  /** Settles when everything sent before has been answered. */
  async flush(): Promise<void> {
    while (this.#flushing.size > 0) await Promise.allSettled([...this.#flushing])
  }

  #supervise(work: Promise<unknown>): void {
    this.#flushing.add(work)
    void work.finally(() => this.#flushing.delete(work))
  }

  #choose({ topic, key }: ProducerRecord, partitionCount: number): number {
    if (key !== null) return partitionForKey(key, partitionCount)
    return (this.#sticky.get(topic) ?? 0) % partitionCount
  }

  #destination(topic: string, partition: number): Destination {
    let partitions = this.#destinations.get(topic)
    if (partitions === undefined) {
      partitions = new Map()
      this.#destinations.set(topic, partitions)
    }
    let destination = partitions.get(partition)
    if (destination === undefined) {
      destination = { topic, partition, batches: [], isSending: false, nextSequence: 0 }
      partitions.set(partition, destination)
    }
    return destination
  }

  #openBatch(destination: Destination, record: ProducerRecord): Batch {
    const bytes = RecordBatchBuilder.estimateRecordBytes(record.key?.length ?? 0, record.value?.length ?? 0)
    const last = destination.batches.at(-1)
    const isUnderWay = destination.isSending && destination.batches.length === 1
    if (last !== undefined && !isUnderWay && last.builder.sizeInBytes + bytes <= this.#options.batchBytes) return last
    const batch: Batch = { builder: new RecordBatchBuilder(), waiting: [] }
    destination.batches.push(batch)
    if (record.key === null) this.#sticky.set(destination.topic, destination.partition + 1)
    return batch
  }

  async #sendBatches(destination: Destination): Promise<void> {
    destination.isSending = true
    // Records of the same turn of the event loop travel together.
    await Promise.resolve()
    for (let batch = destination.batches[0]; batch !== undefined; batch = destination.batches[0]) {
      await this.#sendBatch(destination, batch)
      destination.batches.shift()
    }
    destination.isSending = false
  }

  async #sendBatch(destination: Destination, batch: Batch): Promise<void> {
    const { topic, partition } = destination
    try {
      const identity = this.#options.idempotent ? await this.#producerIdentity() : undefined
      const records = batch.builder.build({
        compression: this.#options.compression,
        ...(identity && { ...identity, baseSequence: destination.nextSequence }),
      })
      const baseOffset = await this.#cluster.retrying(() => this.#produce(destination, records))
      destination.nextSequence = (destination.nextSequence + batch.waiting.length) % 2 ** 31
      batch.waiting.forEach((one, i) => {
        one.resolve({ topic, partition, offset: baseOffset < 0 ? -1 : baseOffset + i })
      })
    } catch (error) {
      for (const one of batch.waiting) one.reject(error instanceof Error ? error : new Error(String(error)))
    }
  }

  async #produce({ topic, partition }: Destination, records: Uint8Array): Promise<number> {
    const { acks, timeoutMs } = this.#options
    const leader = await this.#cluster.leaderOf({ topic, partition })
    const { topicId } = await this.#cluster.topic(topic)
    const request = {
      transactionalId: null,
      acks,
      timeoutMs,
      topicData: [{ name: topic, topicId, partitionData: [{ index: partition, records }] }],
    }
    const connection = await this.#cluster.connection(leader)
    if (acks === 0) {
      connection.requestWithoutAnswer(produceApi, request)
      return -1
    }
    const answer = await connection.request(produceApi, request, { waitMs: timeoutMs, maxVersion: 12 })
    return this.#baseOffset(answer, topic, partition)
  }

  #baseOffset(answer: ResponseOf<typeof produceApi>, topic: string, partition: number): number {
    const produced = answer.responses[0]?.partitionResponses[0]
    if (produced === undefined)
      throw new KafkaClientError('UNKNOWN_SERVER_ERROR', `No answer for ${topic}-${partition}.`)
    // The leader may have moved: the next try asks for it.
    if (isRetriableError(errorName(produced.errorCode))) this.#cluster.forget(topic)
    throwIfError(produced.errorCode, `Producing to ${topic}-${partition}`, produced.errorMessage)
    return produced.baseOffset
  }

  #producerIdentity(): Promise<{ producerId: bigint; producerEpoch: number }> {
    this.#identity ??= this.#cluster.retrying(async () => {
      const request = { transactionalId: null, transactionTimeoutMs: 0 }
      const answer = await this.#cluster.requestAny(initProducerIdApi, request)
      throwIfError(answer.errorCode, 'A producer id')
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    })
    return this.#identity
  }
}
