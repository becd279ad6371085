import type { StoreIterator } from '@millrace/state-stores'
import {
  type KeyValueStore,
  type StateStore,
  type StoreContext,
  type TimestampedKeyValueStore,
  type TimestampedWindowStore,
  TypedIterator,
  type ValueAndTimestamp,
  type Windowed,
  type WindowStore,
} from '@millrace/streams-core/internal'

/** The timestamp of what a test puts into a table's store without saying one. */
const noTimestamp = -1

const plain = <V>(row: ValueAndTimestamp<V> | null): V | null => (row === null ? null : row.value)
const stamped = <V>(value: V | null): ValueAndTimestamp<V> | null =>
  value === null ? null : { value, timestamp: noTimestamp }

function plainRows<K, V>(rows: StoreIterator<K, ValueAndTimestamp<V>>): StoreIterator<K, V> {
  return new TypedIterator(
    rows,
    (key: K) => key,
    (row: ValueAndTimestamp<V>) => row.value,
  )
}

class PlainStore<S extends StateStore> {
  protected readonly inner: S

  constructor(inner: S) {
    this.inner = inner
  }

  get name(): string {
    return this.inner.name
  }

  get persistent(): boolean {
    return this.inner.persistent
  }

  init(context: StoreContext): void {
    this.inner.init(context)
  }

  flush(): void {
    this.inner.flush()
  }

  isOpen(): boolean {
    return this.inner.isOpen()
  }

  close(): void {
    this.inner.close()
  }
}

/**
 * A table's key-value store without the timestamps of its values.
 * @see org.apache.kafka.streams.TopologyTestDriver.KeyValueStoreFacade
 */
export class PlainKeyValueStore<K, V>
  extends PlainStore<TimestampedKeyValueStore<K, V>>
  implements KeyValueStore<K, V>
{
  get(key: K): V | null {
    return plain(this.inner.get(key))
  }

  put(key: K, value: V | null): void {
    this.inner.put(key, stamped(value))
  }

  putIfAbsent(key: K, value: V): V | null {
    return plain(this.inner.putIfAbsent(key, { value, timestamp: noTimestamp }))
  }

  putAll(entries: Iterable<readonly [K, V | null]>): void {
    for (const [key, value] of entries) this.put(key, value)
  }

  delete(key: K): V | null {
    return plain(this.inner.delete(key))
  }

  range(from: K | null, to: K | null): StoreIterator<K, V> {
    return plainRows(this.inner.range(from, to))
  }

  reverseRange(from: K | null, to: K | null): StoreIterator<K, V> {
    return plainRows(this.inner.reverseRange(from, to))
  }

  all(): StoreIterator<K, V> {
    return plainRows(this.inner.all())
  }

  reverseAll(): StoreIterator<K, V> {
    return plainRows(this.inner.reverseAll())
  }

  prefixScan(prefix: Uint8Array): StoreIterator<K, V> {
    return plainRows(this.inner.prefixScan(prefix))
  }

  approximateNumEntries(): number {
    return this.inner.approximateNumEntries()
  }
}

/**
 * A windowed table's store without the timestamps of its values.
 * @see org.apache.kafka.streams.TopologyTestDriver.WindowStoreFacade
 */
export class PlainWindowStore<K, V> extends PlainStore<TimestampedWindowStore<K, V>> implements WindowStore<K, V> {
  get retentionMs(): number {
    return this.inner.retentionMs
  }

  put(key: K, value: V | null, windowStart: number): void {
    this.inner.put(key, stamped(value), windowStart)
  }

  fetchOne(key: K, windowStart: number): V | null {
    return plain(this.inner.fetchOne(key, windowStart))
  }

  fetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V> {
    return plainRows(this.inner.fetch(key, timeFrom, timeTo))
  }

  backwardFetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V> {
    return plainRows(this.inner.backwardFetch(key, timeFrom, timeTo))
  }

  fetchRange(keyFrom: K | null, keyTo: K | null, timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return plainRows(this.inner.fetchRange(keyFrom, keyTo, timeFrom, timeTo))
  }

  backwardFetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    timeFrom: number,
    timeTo: number,
  ): StoreIterator<Windowed<K>, V> {
    return plainRows(this.inner.backwardFetchRange(keyFrom, keyTo, timeFrom, timeTo))
  }

  all(): StoreIterator<Windowed<K>, V> {
    return plainRows(this.inner.all())
  }

  backwardAll(): StoreIterator<Windowed<K>, V> {
    return plainRows(this.inner.backwardAll())
  }

  fetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return plainRows(this.inner.fetchAll(timeFrom, timeTo))
  }

  backwardFetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return plainRows(this.inner.backwardFetchAll(timeFrom, timeTo))
  }
}
