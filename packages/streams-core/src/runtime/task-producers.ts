import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from '../clients/consumer.ts'
import { partitionName } from '../clients/partition-name.ts'
import type { Producer, ProducerListener } from '../clients/producer.ts'
import { assert } from '../errors.ts'
import type { RecordSender, WorkerProducer } from './streams-producer.ts'

interface TaskProducer {
  readonly producer: Producer
  readonly inputs: ReadonlySet<string>
}

/**
 * A transactional producer for each task, as one: for clients that fence by transactional id. Their transactions begin and end together;
 * when some of them have committed and another cannot, all tasks go back to what is committed, which is more for some of them.
 * @see org.apache.kafka.streams.StreamsConfig — as `exactly_once` was there before `exactly_once_v2`
 */
export class TaskProducers implements WorkerProducer {
  readonly #make: (taskId: string) => Producer
  readonly #tasks = new Map<string, TaskProducer>()
  #listener: ProducerListener | undefined

  /** `make`: the producer of a task, with the task's transactional id. */
  constructor(make: (taskId: string) => Producer) {
    this.#make = make
  }

  async openTask(taskId: string, inputPartitions: readonly TopicPartition[]): Promise<void> {
    const producer = this.#make(taskId)
    if (this.#listener !== undefined) producer.setListener(this.#listener)
    this.#tasks.set(taskId, { producer, inputs: new Set(inputPartitions.map(partitionName)) })
    await producer.initTransactions()
    producer.beginTransaction()
  }

  async closeTask(taskId: string): Promise<void> {
    const task = this.#tasks.get(taskId)
    this.#tasks.delete(taskId)
    await task?.producer.close()
  }

  senderOf(taskId: string): RecordSender {
    const task = this.#tasks.get(taskId)
    assert(task !== undefined, `Task ${taskId} has no producer.`)
    return task.producer
  }

  setListener(listener: ProducerListener): void {
    this.#listener = listener
    for (const { producer } of this.#tasks.values()) producer.setListener(listener)
  }

  /** Nobody's: records leave through `senderOf` their task. */
  send(topic: string, partition: number): void {
    assert(false, `A record for ${topic}-${partition} belongs to no task.`)
  }

  bufferedBytes(): number {
    let bytes = 0
    for (const { producer } of this.#tasks.values()) bytes += producer.bufferedBytes()
    return bytes
  }

  flush(): Promise<void> {
    return this.#together((producer) => producer.flush())
  }

  partitionCount(topic: string): number {
    const [first] = this.#tasks.values()
    assert(first !== undefined, `Topic '${topic}' is asked for before there is a task.`)
    return first.producer.partitionCount(topic)
  }

  initTransactions(): Promise<void> {
    return this.#together((producer) => producer.initTransactions())
  }

  beginTransaction(): void {
    for (const { producer } of this.#tasks.values()) producer.beginTransaction()
  }

  sendOffsetsToTransaction(
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
    group: GroupMetadata,
  ): Promise<void> {
    return this.#together(async (producer, inputs) => {
      const own = new Map([...offsets].filter(([partition]) => inputs.has(partitionName(partition))))
      if (own.size > 0) await producer.sendOffsetsToTransaction(own, group)
    })
  }

  commitTransaction(): Promise<void> {
    return this.#together((producer) => producer.commitTransaction())
  }

  abortTransaction(): Promise<void> {
    return this.#together((producer) => producer.abortTransaction())
  }

  close(): Promise<void> {
    return this.#together((producer) => producer.close())
  }

  /** Rejects with the first failure when all have ended. */
  async #together(call: (producer: Producer, inputs: ReadonlySet<string>) => Promise<void>): Promise<void> {
    const calls = Array.from(this.#tasks.values(), ({ producer, inputs }) => call(producer, inputs))
    for (const ended of await Promise.allSettled(calls)) if (ended.status === 'rejected') throw ended.reason
  }
}
