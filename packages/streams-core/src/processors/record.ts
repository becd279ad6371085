import { Headers } from '@millrace/serdes'

/**
 * One record in flow: a key, a value, a timestamp and headers. Immutable; the `with…` methods give changed copies.
 * `timestamp` is Unix ms and never negative; key and value may be null where Kafka allows it.
 * @see org.apache.kafka.streams.processor.api.Record
 */
export class Record<K, V> {
  readonly key: K
  readonly value: V
  readonly timestamp: number
  readonly headers: Headers

  /** @throws RangeError when the timestamp is negative or not a number. */
  constructor(key: K, value: V, timestamp: number, headers: Headers = Headers.empty) {
    if (!(timestamp >= 0)) throw new RangeError(`A record's timestamp may not be negative: got ${timestamp}.`)
    this.key = key
    this.value = value
    this.timestamp = timestamp
    this.headers = headers
  }

  withKey<NewK>(key: NewK): Record<NewK, V> {
    return new Record(key, this.value, this.timestamp, this.headers)
  }

  withValue<NewV>(value: NewV): Record<K, NewV> {
    return new Record(this.key, value, this.timestamp, this.headers)
  }

  withTimestamp(timestamp: number): Record<K, V> {
    return new Record(this.key, this.value, timestamp, this.headers)
  }

  withHeaders(headers: Headers): Record<K, V> {
    return new Record(this.key, this.value, this.timestamp, headers)
  }
}

/** A record whose key cannot be changed, as `processValues` hands it out. @see org.apache.kafka.streams.processor.api.FixedKeyRecord */
export type FixedKeyRecord<K, V> = Omit<Record<K, V>, 'withKey' | 'withValue' | 'withTimestamp' | 'withHeaders'> & {
  withValue<NewV>(value: NewV): FixedKeyRecord<K, NewV>
  withTimestamp(timestamp: number): FixedKeyRecord<K, V>
  withHeaders(headers: Headers): FixedKeyRecord<K, V>
}
