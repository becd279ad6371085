import type { SerdeNotReadyError } from '@millrace/serdes'
import type { ConsumerRecord, PartitionRecords } from '../clients/consumer.ts'
import { InvariantError, TimeoutError } from '../errors.ts'
import type { Counter } from '../metrics/recorders.ts'
import type { Record } from '../processors/record.ts'
import type { RecordContext } from '../processors/record-context.ts'
import type { StreamsConfig } from '../streams-config.ts'
import { PriorityQueue } from './priority-queue.ts'
import type { RecordQueue } from './record-queue.ts'

/**
 * The queues of a task's input partitions. Gives the record with the lowest timestamp among the heads, and says whether
 * the task may go on while some of its inputs have nothing buffered (KIP-695).
 * @see org.apache.kafka.streams.processor.internals.PartitionGroup
 */
export class PartitionGroup {
  readonly #queues = new Map<string, RecordQueue[]>()
  readonly #all: RecordQueue[] = []
  readonly #byTime = new PriorityQueue<RecordQueue>((queue) => queue.headTimestamp)
  readonly #maxTaskIdleMs: number
  readonly #taskTimeoutMs: number
  /** True while the head of some queue waits for its serde. */
  #isWaiting = false
  readonly #enforced: Counter | undefined

  /** What the last `next` took; undefined record: an unusable one, to be passed over. */
  record: Record<unknown, unknown> | undefined
  context: RecordContext | undefined
  queue: RecordQueue | undefined
  /** Greatest timestamp taken so far, Unix ms; -1 before the first record. */
  streamTime = -1

  /** `enforced`: counts how often the task may go on although some input is empty. */
  constructor(
    queues: readonly RecordQueue[],
    { maxTaskIdleMs, taskTimeoutMs }: Pick<StreamsConfig, 'maxTaskIdleMs' | 'taskTimeoutMs'>,
    enforced?: Counter,
  ) {
    this.#maxTaskIdleMs = maxTaskIdleMs
    this.#taskTimeoutMs = taskTimeoutMs
    this.#enforced = enforced
    for (const queue of queues) this.addQueue(queue)
  }

  addQueue(queue: RecordQueue): void {
    let partitions = this.#queues.get(queue.topic)
    if (partitions === undefined) {
      partitions = []
      this.#queues.set(queue.topic, partitions)
    }
    partitions[queue.partition] = queue
    this.#all.push(queue)
  }

  get queues(): readonly RecordQueue[] {
    return this.#all
  }

  /** Why the head of some queue waits for its serde; undefined: none does. */
  get waitingFor(): SerdeNotReadyError | undefined {
    return this.#isWaiting ? this.#all.find((queue) => queue.waitingFor !== undefined)?.waitingFor : undefined
  }

  /** True while anything is buffered. */
  get hasRecords(): boolean {
    return this.#byTime.size > 0
  }

  queueOf(topic: string, partition: number): RecordQueue | undefined {
    return this.#queues.get(topic)?.[partition]
  }

  /** Buffers what a poll gave for one partition. @throws DeserializationError, InvalidTimestampError for a new head */
  add(polled: PartitionRecords): RecordQueue {
    const queue = this.queueOf(polled.topic, polled.partition)
    if (queue === undefined) {
      throw new InvariantError(`Records of ${polled.topic}-${polled.partition} came to a task that does not read it.`)
    }
    const wasEmpty = queue.isEmpty
    queue.lag = Math.max(0, polled.endOffset - polled.nextOffset)
    queue.add(polled.records, polled.nextOffset)
    if (wasEmpty && !queue.isEmpty) this.#byTime.offer(queue)
    if (queue.waitingFor !== undefined) this.#isWaiting = true
    return queue
  }

  /** Buffers one record. @throws DeserializationError, InvalidTimestampError for a new head */
  addOne(queue: RecordQueue, record: ConsumerRecord): void {
    const wasEmpty = queue.isEmpty
    queue.addOne(record)
    if (wasEmpty) this.#byTime.offer(queue)
    if (queue.waitingFor !== undefined) this.#isWaiting = true
  }

  /**
   * True when a record may be taken now: every empty input either is known to be at its end and was waited for
   * `max.task.idle.ms`, or need not be waited for. While the head of an input waits for its serde no record may, for its
   * turn is not known yet.
   * @throws TimeoutError when a head has waited for `task.timeout.ms`; DeserializationError, InvalidTimestampError for one
   *   that waits no longer
   */
  isReady(nowMs: number): boolean {
    if (this.#byTime.size === 0) return false
    if (this.#isWaiting && !this.#retryHeads(nowMs)) return false
    if (this.#maxTaskIdleMs < 0 || this.#byTime.size === this.#all.length) return true
    let isReady = true
    for (const queue of this.#all) {
      if (!queue.isEmpty || queue.lag !== 0) {
        queue.idleDeadlineMs = undefined
        if (queue.isEmpty) isReady = false
        continue
      }
      queue.idleDeadlineMs ??= nowMs + this.#maxTaskIdleMs
      if (nowMs < queue.idleDeadlineMs) isReady = false
    }
    if (isReady) this.#enforced?.record()
    return isReady
  }

  /** Takes the next record into `record`, `context` and `queue`; false when there is none. */
  next(): boolean {
    const queue = this.#byTime.poll()
    if (queue === undefined) return false
    const record = queue.headRecord
    this.queue = queue
    this.record = record
    this.context = queue.headContext
    queue.advance()
    if (!queue.isEmpty) this.#byTime.offer(queue)
    if (queue.waitingFor !== undefined) this.#isWaiting = true
    if (record !== undefined && record.timestamp > this.streamTime) this.streamTime = record.timestamp
    return true
  }

  clear(): void {
    for (const queue of this.#all) queue.clear()
    this.#byTime.clear()
    this.#isWaiting = false
    this.record = undefined
    this.context = undefined
    this.queue = undefined
    this.streamTime = -1
  }

  /** Tries the heads that wait for their serdes. True: none does any more, and each queue has its place by time. */
  #retryHeads(nowMs: number): boolean {
    let isWaiting = false
    for (const queue of this.#all) {
      queue.retryHead()
      if (queue.waitingFor === undefined) {
        queue.waitingSinceMs = undefined
        continue
      }
      isWaiting = true
      queue.waitingSinceMs ??= nowMs
      if (nowMs - queue.waitingSinceMs > this.#taskTimeoutMs) this.#throwTimeout(queue)
    }
    if (isWaiting) return false
    this.#isWaiting = false
    this.#byTime.clear()
    for (const queue of this.#all) if (!queue.isEmpty) this.#byTime.offer(queue)
    return true
  }

  #throwTimeout({ topic, partition, headContext, waitingFor }: RecordQueue): never {
    throw new TimeoutError(
      `Record ${topic}-${partition} at offset ${headContext?.offset} has waited for its serde for task.timeout.ms (${this.#taskTimeoutMs} ms): ${waitingFor?.message}`,
      { cause: waitingFor },
    )
  }
}
