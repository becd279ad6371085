import { partitionForKey } from '@millrace/kafka-protocol'
import { type Headers, type Serde, SerdeNotReadyError } from '@millrace/serdes'
import { ProductionError, sentence, toError } from '../errors.ts'
import type { DeadLetterRecord, ErrorHandlerResponse, ProductionExceptionHandler } from '../exception-handlers.ts'
import type { Logger } from '../logger.ts'
import type { Record } from '../processors/record.ts'
import type { StreamPartitioner } from '../topology/extension-points.ts'
import { errorHandlerContext } from './error-handler-context.ts'
import type { RecordSender } from './streams-producer.ts'
import type { TaskContext } from './task-context.ts'

/** What the collector needs of a sink. */
export interface SinkTarget {
  readonly name: string
  readonly keySerde: Serde<unknown>
  readonly valueSerde: Serde<unknown>
  readonly partitioner: StreamPartitioner<unknown, unknown> | undefined
  /** Told of each record that was sent. */
  sent(topic: string, key: Uint8Array | null, value: Uint8Array | null, headers: Headers): void
}

/** Records without a key stay on one partition for so many records, then move to the next. */
const stickyRecords = 256

/**
 * The one door by which records leave a task: sinks, repartition topics, changelogs and dead letters. Serializes,
 * chooses the partition (the sink's partitioner, else murmur2 of the key's bytes), and asks the production handler about
 * what cannot be serialized.
 * @see org.apache.kafka.streams.processor.internals.RecordCollectorImpl
 */
export class RecordCollector {
  readonly #taskId: string
  readonly #producer: RecordSender
  readonly #handler: ProductionExceptionHandler
  readonly #logger: Logger
  #keyless = 0

  constructor(options: {
    readonly taskId: string
    readonly producer: RecordSender
    readonly handler: ProductionExceptionHandler
    readonly logger: Logger
  }) {
    this.#taskId = options.taskId
    this.#producer = options.producer
    this.#handler = options.handler
    this.#logger = options.logger
  }

  /** Sends one record of a sink to the partition or partitions it belongs to. */
  send(topic: string, record: Record<unknown, unknown>, sink: SinkTarget, task: TaskContext): void {
    if (sink.partitioner === undefined) {
      this.#serializeAndSend(topic, undefined, record, sink, task)
      return
    }
    const chosen = sink.partitioner(topic, record.key, record.value, this.#producer.partitionCount(topic))
    if (chosen === undefined || typeof chosen === 'number') {
      this.#serializeAndSend(topic, chosen, record, sink, task)
      return
    }
    if (chosen.length === 0) {
      this.#logger.warn(`Dropped a record for topic '${topic}': the partitioner of '${sink.name}' gave no partition.`)
      task.recordDropped('no-partition', sink.name)
      return
    }
    for (const partition of new Set(chosen)) this.#serializeAndSend(topic, partition, record, sink, task)
  }

  /** Sends one changelog record. */
  sendChange(
    topic: string,
    partition: number,
    key: Uint8Array,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void {
    this.#producer.send(topic, partition, key, value, timestamp, headers)
  }

  sendDeadLetters(records: readonly DeadLetterRecord[]): void {
    for (const { topic, partition, key, value, timestamp, headers } of records) {
      this.#producer.send(topic, partition ?? this.#partitionOf(topic, key), key, value, timestamp, headers)
    }
  }

  #serializeAndSend(
    topic: string,
    partition: number | undefined,
    record: Record<unknown, unknown>,
    sink: SinkTarget,
    task: TaskContext,
  ): void {
    const { key, value, timestamp, headers } = record
    let keyBytes: Uint8Array | null
    let valueBytes: Uint8Array | null
    try {
      keyBytes = sink.keySerde.serialize(topic, key, headers)
    } catch (error) {
      this.#onSerializationError(topic, record, sink, task, toError(error), 'key')
      return
    }
    try {
      valueBytes = sink.valueSerde.serialize(topic, value, headers)
    } catch (error) {
      this.#onSerializationError(topic, record, sink, task, toError(error), 'value')
      return
    }
    this.#producer.send(
      topic,
      partition ?? this.#partitionOf(topic, keyBytes),
      keyBytes,
      valueBytes,
      timestamp,
      headers,
    )
    sink.sent(topic, keyBytes, valueBytes, headers)
  }

  #partitionOf(topic: string, key: Uint8Array | null): number {
    const count = this.#producer.partitionCount(topic)
    if (count === 1) return 0
    if (key !== null) return partitionForKey(key, count)
    const partition = Math.floor(this.#keyless / stickyRecords) % count
    this.#keyless += 1
    return partition
  }

  #onSerializationError(
    topic: string,
    record: Record<unknown, unknown>,
    sink: SinkTarget,
    task: TaskContext,
    error: Error,
    origin: 'key' | 'value',
  ): void {
    if (error instanceof SerdeNotReadyError) throw error
    const { key, value, timestamp, headers } = record
    let response: ErrorHandlerResponse
    try {
      response = this.#handler.handleSerializationError(
        errorHandlerContext(task, sink.name),
        { topic, key, value, timestamp, headers },
        error,
        origin,
      )
    } catch (handlerError) {
      throw new ProductionError(
        topic,
        `The production exception handler itself threw (sink '${sink.name}', topic '${topic}'): ${toError(handlerError).message}`,
        { cause: handlerError, taskId: this.#taskId },
      )
    }
    this.sendDeadLetters(response.deadLetterQueueRecords)
    if (response.result !== 'resume') {
      throw new ProductionError(
        topic,
        `Sink '${sink.name}' of task ${this.#taskId} cannot serialize the ${origin} of a record for topic '${topic}': ${sentence(error.message)} Give the sink the serde of what it gets, or set production.exception.handler to 'continue'.`,
        { cause: error, taskId: this.#taskId },
      )
    }
    this.#logger.warn(`Skipped a record for topic '${topic}': its ${origin} cannot be serialized.`, error)
    task.recordDropped('serialization-error', sink.name)
  }
}
