import type { Serde } from '@millrace/serdes'
import type { DriverTopic } from './driver-topic.ts'
import type { ProducedRecord } from './recording-producer.ts'
import { TestRecord } from './test-record.ts'

/** Serdes of an output topic. */
export interface OutputTopicOptions<K, V> {
  readonly keySerde?: Serde<K>
  readonly valueSerde?: Serde<V>
}

/**
 * Reads what a topology under test sent to one topic, each record once.
 * @see org.apache.kafka.streams.TestOutputTopic
 */
export class TestOutputTopic<K, V> {
  readonly topic: string
  readonly #queue: Pick<DriverTopic, 'records'>
  readonly #keySerde: Serde<K>
  readonly #valueSerde: Serde<V>

  constructor(topic: string, queue: Pick<DriverTopic, 'records'>, keySerde: Serde<K>, valueSerde: Serde<V>) {
    this.topic = topic
    this.#queue = queue
    this.#keySerde = keySerde
    this.#valueSerde = valueSerde
  }

  isEmpty(): boolean {
    return this.#queue.records.length === 0
  }

  /** Records not read yet. */
  queueSize(): number {
    return this.#queue.records.length
  }

  /** @throws RangeError when there is no record */
  readValue(): V | null {
    return this.readRecord().value
  }

  /** @throws RangeError when there is no record */
  readKeyValue(): [K | null, V | null] {
    const { key, value } = this.readRecord()
    return [key, value]
  }

  /** @throws RangeError when there is no record */
  readRecord(): TestRecord<K, V> {
    const record = this.#queue.records.shift()
    if (record === undefined) throw new RangeError(`Topic '${this.topic}' holds no record that was not read yet.`)
    return this.#decode(record)
  }

  readValuesToList(): (V | null)[] {
    return this.readRecordsToList().map((record) => record.value)
  }

  readKeyValuesToList(): [K | null, V | null][] {
    return this.readRecordsToList().map((record) => [record.key, record.value])
  }

  /** The last value of each key, a tombstone included. @throws TypeError for a record without a key */
  readKeyValuesToMap(): Map<K, V | null> {
    const latest = new Map<K, V | null>()
    for (const { key, value } of this.readRecordsToList()) {
      if (key === null) throw new TypeError(`Topic '${this.topic}' holds a record without a key; read it as a list.`)
      latest.set(key, value)
    }
    return latest
  }

  readRecordsToList(): TestRecord<K, V>[] {
    return this.#queue.records.splice(0).map((record) => this.#decode(record))
  }

  #decode({ key, value, timestamp, headers }: ProducedRecord): TestRecord<K, V> {
    return new TestRecord(
      this.#keySerde.deserialize(this.topic, key, headers),
      this.#valueSerde.deserialize(this.topic, value, headers),
      timestamp,
      headers,
    )
  }
}
