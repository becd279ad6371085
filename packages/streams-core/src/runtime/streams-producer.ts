import type { Headers } from '@millrace/serdes'
import type { TopicPartition } from '../clients/consumer.ts'
import type { Producer } from '../clients/producer.ts'

/** Where the records of a task go. */
export type RecordSender = Pick<Producer, 'send' | 'partitionCount'>

/** A producer that may know of tasks. */
export interface WorkerProducer extends Producer {
  /**
   * Where each task has a producer of its own: makes that of a task, and fences the task's former owner. To be awaited before the
   * committed offsets of the task are read.
   */
  openTask?(taskId: string, inputPartitions: readonly TopicPartition[]): Promise<void>
  closeTask?(taskId: string): Promise<void>
  senderOf?(taskId: string): RecordSender
}

/** Decides what a failed send means: the error that stops the worker's tasks, or undefined to go on without the records. */
export type SendFailureListener = (topic: string, partition: number, error: Error) => Error | undefined

/** The place of an acknowledged record. */
export interface Acknowledged {
  readonly offset: number
  /** -1: not known. */
  readonly leaderEpoch: number
}

/**
 * The producer of one worker with what its tasks need to know of it: the last acknowledged offset of each changelog
 * partition, and the first failure that was not handled.
 * @see org.apache.kafka.streams.processor.internals.StreamsProducer
 */
export class StreamsProducer {
  readonly producer: WorkerProducer
  readonly #acknowledged = new Map<string, Acknowledged[]>()
  readonly #onFailure: SendFailureListener
  #sendError: Error | undefined

  constructor(producer: WorkerProducer, onFailure: SendFailureListener) {
    this.producer = producer
    this.#onFailure = onFailure
    producer.setListener({
      onAcknowledged: (topic, partition, offset, leaderEpoch) => {
        let last = this.#acknowledged.get(topic)
        if (last === undefined) {
          last = []
          this.#acknowledged.set(topic, last)
        }
        last[partition] = { offset, leaderEpoch }
      },
      onSendFailed: (topic, partition, error) => {
        this.#sendError ??= this.#onFailure(topic, partition, error)
      },
    })
  }

  /** Forgets a failure: what it was about is made again. */
  clearSendError(): void {
    this.#sendError = undefined
  }

  /** Throws the first failure since the last call, if there was one. */
  throwSendError(): void {
    const error = this.#sendError
    this.#sendError = undefined
    if (error !== undefined) throw error
  }

  /** Before the committed offsets of the task are read. */
  async openTask(taskId: string, inputPartitions: readonly TopicPartition[]): Promise<void> {
    await this.producer.openTask?.(taskId, inputPartitions)
  }

  async closeTask(taskId: string): Promise<void> {
    await this.producer.closeTask?.(taskId)
  }

  /** Where the records of a task go. */
  senderOf(taskId: string): RecordSender {
    return this.producer.senderOf?.(taskId) ?? this
  }

  send(
    topic: string,
    partition: number,
    key: Uint8Array | null,
    value: Uint8Array | null,
    timestamp: number,
    headers: Headers,
  ): void {
    this.producer.send(topic, partition, key, value, timestamp, headers)
  }

  partitionCount(topic: string): number {
    return this.producer.partitionCount(topic)
  }

  /** Where the last record is that was acknowledged for the partition; undefined when there was none. */
  lastAcknowledged(topic: string, partition: number): Acknowledged | undefined {
    return this.#acknowledged.get(topic)?.[partition]
  }
}
