import type { SerdeNotReadyError } from '@millrace/serdes'
import type { ConsumerRecord } from '../clients/consumer.ts'
import { InvalidTimestampError, StreamsError, toError } from '../errors.ts'
import { countRecord, countRecords, type TopicFigures } from '../metrics/task-metrics.ts'
import { Record } from '../processors/record.ts'
import type { RecordContext } from '../processors/record-context.ts'
import {
  failOnInvalidTimestamp,
  logAndSkipOnInvalidTimestamp,
  usePartitionTimeOnInvalidTimestamp,
  wallclockTimestampExtractor,
} from '../timestamp-extractors.ts'
import type { TimestampExtractor } from '../topology/extension-points.ts'
import type { SourceNode } from './processor-node.ts'
import { RecordDeserializer } from './record-deserializer.ts'
import type { TaskContext } from './task-context.ts'

const ownTimestampExtractors: ReadonlySet<TimestampExtractor> = new Set([
  failOnInvalidTimestamp,
  logAndSkipOnInvalidTimestamp,
  usePartitionTimeOnInvalidTimestamp,
])

/**
 * The buffered records of one partition, in offset order. Only the head is deserialized, for its timestamp:
 *
 *     head (record, context) ◄── raw records … ◄── add()
 *
 * When all that was buffered turned out to be unusable, the last such record stands at the head without a record, so that
 * its offset can be committed. A record whose serde has to fetch something stands there without a record too, and waits.
 * @see org.apache.kafka.streams.processor.internals.RecordQueue
 */
export class RecordQueue {
  readonly topic: string
  readonly partition: number
  readonly source: SourceNode
  readonly #task: TaskContext
  readonly #deserializer: RecordDeserializer
  readonly #extractor: TimestampExtractor
  readonly #usesOwnTimestamp: boolean
  readonly #usesWallClock: boolean
  readonly #figures: TopicFigures

  /** Batches as they came; records before `#at` of the first are taken. */
  #batches: (readonly ConsumerRecord[])[] = []
  #at = 0
  #rawCount = 0
  /** The head, as long as its serde is not ready; and whether it may be by now. */
  #held: ConsumerRecord | undefined
  #mayRetry = false

  /** Why the head waits for its serde; undefined: it does not. */
  waitingFor: SerdeNotReadyError | undefined
  /** Since when it waits, Unix ms; kept by the {@link PartitionGroup}. */
  waitingSinceMs: number | undefined
  /** The head's record; undefined with a context: an unusable record. */
  headRecord: Record<unknown, unknown> | undefined
  headContext: RecordContext | undefined
  /** Greatest timestamp of the records taken from the head, Unix ms; -1 before the first. */
  partitionTime = -1
  /** Position after all that was added. */
  nextOffset: number | undefined
  /** Records known to be in the partition after those added (KIP-695); undefined: not known yet. */
  lag: number | undefined
  /** Wall-clock time until which an empty queue is waited for; undefined: the wait has not begun. */
  idleDeadlineMs: number | undefined
  /** True while the partition's reading is paused because the buffer is full. */
  isPaused = false
  /** True since a record of it was processed after the last commit. */
  consumedSinceCommit = false

  constructor(topic: string, partition: number, source: SourceNode, task: TaskContext) {
    this.topic = topic
    this.partition = partition
    this.source = source
    this.#task = task
    this.#deserializer = new RecordDeserializer(source, task)
    this.#figures = task.figures.consumed(source.name, topic)
    this.#extractor = source.plan.timestampExtractor ?? task.config.defaultTimestampExtractor
    this.#usesOwnTimestamp = ownTimestampExtractors.has(this.#extractor)
    this.#usesWallClock = this.#extractor === wallclockTimestampExtractor
  }

  /** Records buffered, the head included. */
  get size(): number {
    return this.#rawCount + (this.headContext === undefined ? 0 : 1)
  }

  get isEmpty(): boolean {
    return this.headContext === undefined && this.#rawCount === 0
  }

  /** The head's timestamp, Unix ms; -1 for an unusable record and for an empty queue. */
  get headTimestamp(): number {
    return this.headRecord === undefined ? -1 : this.headRecord.timestamp
  }

  /** The offset to commit: of the next record to process, as far as it is known. */
  get committableOffset(): number | undefined {
    return this.headContext === undefined ? this.nextOffset : this.headContext.offset
  }

  /** Takes over the records. @throws DeserializationError, InvalidTimestampError for the new head */
  add(records: readonly ConsumerRecord[], nextOffset: number): void {
    if (records.length > 0) {
      countRecords(this.#figures, this.topic.length, records)
      this.#batches.push(records)
      this.#rawCount += records.length
    }
    this.nextOffset = nextOffset
    this.#updateHead()
  }

  /** Takes one record. @throws DeserializationError, InvalidTimestampError when it is the new head */
  addOne(record: ConsumerRecord): void {
    this.nextOffset = record.offset + 1
    countRecord(this.#figures, this.topic.length, record.key, record.value, record.headers)
    if (this.isEmpty) {
      if (!this.#tryHead(record)) this.headContext = this.#contextOf(record, -1)
      return
    }
    this.#batches.push([record])
    this.#rawCount += 1
  }

  /** Drops the head and prepares the next one. The caller has taken `headRecord` and `headContext`. */
  advance(): void {
    if (this.headRecord !== undefined && this.headRecord.timestamp > this.partitionTime) {
      this.partitionTime = this.headRecord.timestamp
    }
    this.headRecord = undefined
    this.headContext = undefined
    this.consumedSinceCommit = true
    if (this.#rawCount > 0) this.#updateHead()
  }

  /** Tries a head that waits for its serde again, if there is a chance. @throws DeserializationError, InvalidTimestampError */
  retryHead(): void {
    const raw = this.#held
    if (raw === undefined || !this.#mayRetry) return
    this.#release()
    this.headContext = undefined
    if (this.#tryHead(raw)) return
    this.#updateHead()
    this.headContext ??= this.#contextOf(raw, -1)
  }

  /** Forgets what is buffered (the task reads it again from the committed offset). */
  clear(): void {
    this.#batches = []
    this.#at = 0
    this.#rawCount = 0
    this.#release()
    this.waitingSinceMs = undefined
    this.headRecord = undefined
    this.headContext = undefined
    this.partitionTime = -1
    this.nextOffset = undefined
    this.lag = undefined
    this.idleDeadlineMs = undefined
    this.isPaused = false
    this.consumedSinceCommit = false
  }

  #updateHead(): void {
    let unusable: ConsumerRecord | undefined
    while (this.headContext === undefined && this.#rawCount > 0) {
      const raw = this.#takeRaw()
      if (!this.#tryHead(raw)) unusable = raw
    }
    if (this.headContext === undefined && unusable !== undefined) this.headContext = this.#contextOf(unusable, -1)
  }

  /** Makes a record the head; false when it cannot be used. */
  #tryHead(raw: ConsumerRecord): boolean {
    const isUsable = this.#deserializer.deserialize(this.topic, this.partition, raw)
    const { notReady } = this.#deserializer
    if (notReady !== undefined) {
      this.#hold(raw, notReady)
      return true
    }
    if (!isUsable) return false
    const timestamp = this.#timestampOf(raw)
    if (timestamp < 0) return false
    this.headContext = this.#contextOf(raw, timestamp)
    this.headRecord = new Record(this.#deserializer.key, this.#deserializer.value, timestamp, raw.headers)
    return true
  }

  #hold(raw: ConsumerRecord, notReady: SerdeNotReadyError): void {
    this.#held = raw
    this.#mayRetry = false
    this.waitingFor = notReady
    this.headContext = this.#contextOf(raw, -1)
    const retry = (): void => {
      if (this.waitingFor === notReady) this.#mayRetry = true
    }
    notReady.ready.then(retry, retry)
  }

  #release(): void {
    this.#held = undefined
    this.waitingFor = undefined
  }

  #takeRaw(): ConsumerRecord {
    const batch = this.#batches[0]!
    const raw = batch[this.#at]!
    this.#at += 1
    this.#rawCount -= 1
    if (this.#at === batch.length) {
      this.#batches.shift()
      this.#at = 0
    }
    return raw
  }

  #contextOf(raw: ConsumerRecord, timestamp: number): RecordContext {
    return {
      timestamp,
      offset: raw.offset,
      partition: this.partition,
      topic: this.topic,
      headers: raw.headers,
      rawKey: raw.key,
      rawValue: raw.value,
    }
  }

  /** A usable timestamp, or a negative number after the record was counted as dropped. */
  #timestampOf(raw: ConsumerRecord): number {
    if (this.#usesOwnTimestamp && raw.timestamp >= 0) return raw.timestamp
    const timestamp = this.#usesWallClock ? this.#task.time.now() : this.#extract(raw)
    if (timestamp >= 0) return timestamp
    this.#task.logger.warn(
      `Skipped record ${this.topic}-${this.partition} at offset ${raw.offset}: its timestamp ${timestamp} is negative.`,
    )
    this.#task.recordDropped('invalid-timestamp', this.source.name)
    return -1
  }

  #extract(raw: ConsumerRecord): number {
    const { topic, partition } = this
    const { key, value } = this.#deserializer
    const { offset, timestamp, headers } = raw
    try {
      return this.#extractor({ topic, partition, offset, timestamp, key, value, headers }, this.partitionTime)
    } catch (error) {
      if (error instanceof StreamsError) throw error
      throw new InvalidTimestampError(
        { topic, partition, offset },
        `The timestamp extractor of source '${this.source.name}' threw for record ${topic}-${partition} at offset ${offset}: ${toError(error).message}`,
        { cause: error },
      )
    }
  }
}
