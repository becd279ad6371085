import type { Headers, Serde } from '@millrace/serdes'
import { TestRecord } from './test-record.ts'

/** How an input topic hands one encoded record to its driver. */
export type Pipe = (
  topic: string,
  key: Uint8Array | null,
  value: Uint8Array | null,
  timestamp: number,
  headers: Headers,
) => void

/** Settings of an input topic: its serdes, and the timestamps of records that are piped in without one. */
export interface InputTopicOptions<K, V> {
  readonly keySerde?: Serde<K>
  readonly valueSerde?: Serde<V>
  /** Timestamp of the first record, Unix ms. Default: the driver's wall clock when the topic is created. */
  readonly startTimestamp?: number
  /** By how much each record without a timestamp advances the topic's time, ms. Default 0. */
  readonly autoAdvanceMs?: number
}

/** Timestamps for a list of records: the first one, and the step from one to the next, both ms. */
export interface PipeTimes {
  readonly startTimestamp: number
  readonly advanceMs?: number
}

/**
 * Pipes records into one topic of a topology under test. Each call returns when the topology has done all it does about
 * the record. A record without a timestamp gets the topic's own time.
 * @see org.apache.kafka.streams.TestInputTopic
 */
export class TestInputTopic<K, V> {
  readonly topic: string
  readonly #keySerde: Serde<K>
  readonly #valueSerde: Serde<V>
  readonly #pipe: Pipe
  readonly #autoAdvanceMs: number
  #time: number

  constructor(
    topic: string,
    pipe: Pipe,
    options: Required<Omit<InputTopicOptions<K, V>, 'startTimestamp'>> & { readonly startTimestamp: number },
  ) {
    this.topic = topic
    this.#pipe = pipe
    this.#keySerde = options.keySerde
    this.#valueSerde = options.valueSerde
    this.#time = options.startTimestamp
    this.#autoAdvanceMs = options.autoAdvanceMs
  }

  /** Moves the topic's own time. @throws RangeError when `ms` is negative */
  advanceTime(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`The time of topic '${this.topic}' cannot go back: advanceTime(${ms}).`)
    this.#time += ms
  }

  /** One record: its value alone (the key is null), key and value with an optional timestamp, or a `TestRecord`. */
  pipeInput(value: V | null): void
  pipeInput(record: TestRecord<K, V>): void
  pipeInput(key: K | null, value: V | null, timestamp?: number): void
  pipeInput(...given: readonly unknown[]): void {
    const first = given[0]
    if (given.length > 1)
      this.#send(new TestRecord(first as K | null, given[1] as V | null, given[2] as number | undefined))
    else this.#send(first instanceof TestRecord ? first : new TestRecord<K, V>(null, first as V | null))
  }

  /** Values without keys. */
  pipeValueList(values: Iterable<V | null>, times?: PipeTimes): void {
    this.#sendAll(
      Array.from(values, (value) => new TestRecord<K, V>(null, value)),
      times,
    )
  }

  /** Pairs of key and value. */
  pipeKeyValueList(pairs: Iterable<readonly [K | null, V | null]>, times?: PipeTimes): void {
    this.#sendAll(
      Array.from(pairs, ([key, value]) => new TestRecord(key, value)),
      times,
    )
  }

  /** Records with their own timestamps and headers; `times` overrides the timestamps. */
  pipeRecordList(records: Iterable<TestRecord<K, V>>, times?: PipeTimes): void {
    this.#sendAll(records, times)
  }

  #sendAll(records: Iterable<TestRecord<K, V>>, times: PipeTimes | undefined): void {
    let timestamp = times?.startTimestamp
    for (const record of records) {
      if (timestamp === undefined) {
        this.#send(record)
        continue
      }
      this.#send(new TestRecord(record.key, record.value, timestamp, record.headers))
      timestamp += times?.advanceMs ?? 0
    }
  }

  #send(record: TestRecord<K, V>): void {
    let { timestamp } = record
    if (timestamp === undefined) {
      timestamp = this.#time
      this.#time += this.#autoAdvanceMs
    }
    const key = this.#keySerde.serialize(this.topic, record.key, record.headers)
    const value = this.#valueSerde.serialize(this.topic, record.value, record.headers)
    this.#pipe(this.topic, key, value, timestamp, record.headers)
  }
}
