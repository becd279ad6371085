import type { Serde } from '@millrace/serdes'
import { ownCopy, rawTimestamp, rawValue, timestampedBytes } from '@millrace/state-stores'
import type { ValueAndTimestamp } from './value-and-timestamp.ts'

/** A store's values to bytes and back. */
export interface ValueCodec<V> {
  /** True when user code cannot change what `read` gives. */
  readonly isImmutable: boolean
  /** True when values come with their timestamps, as {@link ValueAndTimestamp}. */
  readonly isTimestamped: boolean
  /** Null deletes. */
  write(value: V | null): Uint8Array | null
  read(bytes: Uint8Array): V
  /** The bytes to store for a changelog record, no piece of it: of the present version, where the serde has versions. */
  fromChangelog(value: Uint8Array, timestamp: number): Uint8Array
}

/** Makes a codec once the changelog topic, with which serdes are called, is known. */
export interface ValueCodecFactory<V> {
  (topic: string): ValueCodec<V>
  /** What the values themselves are written with. */
  readonly serde: Serde<unknown>
}

/** Values as the serde writes them. */
export function plainValues<V>(serde: Serde<V>): ValueCodecFactory<V> {
  const codec = (topic: string): ValueCodec<V> => ({
    isImmutable: serde.immutable === true,
    isTimestamped: false,
    write: (value) => (value === null ? null : serde.serialize(topic, value)),
    read: (bytes) => serde.deserialize(topic, bytes) as V,
    fromChangelog: (value) => ownCopy(upgraded(serde, topic, value)),
  })
  return Object.assign(codec, { serde: serde as Serde<unknown> })
}

/** Values with their timestamp in front; in the changelog the timestamp is the record's. */
export function timestampedValues<V>(serde: Serde<V>): ValueCodecFactory<ValueAndTimestamp<V>> {
  const codec = (topic: string) => new TimestampedValueCodec(serde, topic)
  return Object.assign(codec, { serde: serde as Serde<unknown> })
}

class TimestampedValueCodec<V> implements ValueCodec<ValueAndTimestamp<V>> {
  readonly isImmutable: boolean
  readonly isTimestamped = true
  readonly #serde: Serde<V>
  readonly #topic: string

  constructor(serde: Serde<V>, topic: string) {
    this.#serde = serde
    this.#topic = topic
    this.isImmutable = serde.immutable === true
  }

  write(row: ValueAndTimestamp<V> | null): Uint8Array | null {
    if (row === null) return null
    const value = this.#serde.serialize(this.#topic, row.value)
    return value === null ? null : timestampedBytes(value, row.timestamp)
  }

  read(bytes: Uint8Array): ValueAndTimestamp<V> {
    const value = this.#serde.deserialize(this.#topic, rawValue(bytes)) as V
    return { value, timestamp: rawTimestamp(bytes) }
  }

  fromChangelog(value: Uint8Array, timestamp: number): Uint8Array {
    return timestampedBytes(upgraded(this.#serde, this.#topic, value), timestamp)
  }
}

function upgraded(serde: Serde<unknown>, topic: string, value: Uint8Array): Uint8Array {
  return serde.upgrade === undefined ? value : serde.upgrade(topic, value)
}
