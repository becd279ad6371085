import type { Headers } from '@millrace/serdes'
import type { StoreIterator } from '@millrace/state-stores'
import type { Windowed } from '../windows/window.ts'
import type { StoreContext } from './store-context.ts'
import type { ValueAndTimestamp } from './value-and-timestamp.ts'

/**
 * A store of one task. Reads and writes are synchronous.
 * @see org.apache.kafka.streams.processor.StateStore
 */
export interface StateStore {
  readonly name: string
  readonly persistent: boolean
  /** Called once by the task before any processor's `init`. */
  init(context: StoreContext): void
  /** Writes out what is cached, which may forward records. Called at each commit. */
  flush(): void
  isOpen(): boolean
  close(): void
  /**
   * Applies one changelog record, as it was logged, before the first `process`. Absent: the store cannot be restored. Key and
   * value are pieces of a large block of records: a store that keeps them keeps copies, or else it keeps the block.
   */
  restore?(key: Uint8Array, value: Uint8Array | null, timestamp: number, headers?: Headers): void
}

/** Reads of a key-value store. @see org.apache.kafka.streams.state.ReadOnlyKeyValueStore */
export interface ReadOnlyKeyValueStore<K, V> {
  /** Null when there is none. @throws TypeError when the key is null. */
  get(key: K): V | null
  /** Both ends inclusive; null: open. Ordered by the serialized keys' unsigned bytes. */
  range(from: K | null, to: K | null): StoreIterator<K, V>
  reverseRange(from: K | null, to: K | null): StoreIterator<K, V>
  all(): StoreIterator<K, V>
  reverseAll(): StoreIterator<K, V>
  /** Keys whose serialized form starts with these bytes. */
  prefixScan(prefix: Uint8Array): StoreIterator<K, V>
  approximateNumEntries(): number
}

/** @see org.apache.kafka.streams.state.KeyValueStore */
export interface KeyValueStore<K, V> extends ReadOnlyKeyValueStore<K, V>, StateStore {
  /** Null deletes. */
  put(key: K, value: V | null): void
  putIfAbsent(key: K, value: V): V | null
  putAll(entries: Iterable<readonly [K, V | null]>): void
  delete(key: K): V | null
}

/** @see org.apache.kafka.streams.state.TimestampedKeyValueStore */
export type TimestampedKeyValueStore<K, V> = KeyValueStore<K, ValueAndTimestamp<V>>

/** Times are Unix ms, both ends inclusive. @see org.apache.kafka.streams.state.ReadOnlyWindowStore */
export interface ReadOnlyWindowStore<K, V> {
  fetchOne(key: K, windowStart: number): V | null
  /** Windows of one key; the iterator's keys are window starts. */
  fetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V>
  backwardFetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V>
  fetchRange(keyFrom: K | null, keyTo: K | null, timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V>
  backwardFetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    timeFrom: number,
    timeTo: number,
  ): StoreIterator<Windowed<K>, V>
  all(): StoreIterator<Windowed<K>, V>
  backwardAll(): StoreIterator<Windowed<K>, V>
  fetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V>
  backwardFetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V>
}

/** @see org.apache.kafka.streams.state.WindowStore */
export interface WindowStore<K, V> extends ReadOnlyWindowStore<K, V>, StateStore {
  /** How long a window is kept, ms: counted from the newest window's start. */
  readonly retentionMs: number
  /** Null deletes. */
  put(key: K, value: V | null, windowStart: number): void
}

/** @see org.apache.kafka.streams.state.TimestampedWindowStore */
export type TimestampedWindowStore<K, V> = WindowStore<K, ValueAndTimestamp<V>>

/** Times are Unix ms. @see org.apache.kafka.streams.state.ReadOnlySessionStore */
export interface ReadOnlySessionStore<K, V> {
  fetchSession(key: K, start: number, end: number): V | null
  /** Sessions of a key with `end >= earliestEnd` and `start <= latestStart`. */
  findSessions(key: K, earliestEnd: number, latestStart: number): StoreIterator<Windowed<K>, V>
  backwardFindSessions(key: K, earliestEnd: number, latestStart: number): StoreIterator<Windowed<K>, V>
  findSessionsRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
  ): StoreIterator<Windowed<K>, V>
  backwardFindSessionsRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
  ): StoreIterator<Windowed<K>, V>
  /** All sessions of a key. */
  fetch(key: K): StoreIterator<Windowed<K>, V>
  backwardFetch(key: K): StoreIterator<Windowed<K>, V>
  fetchRange(keyFrom: K | null, keyTo: K | null): StoreIterator<Windowed<K>, V>
  backwardFetchRange(keyFrom: K | null, keyTo: K | null): StoreIterator<Windowed<K>, V>
}

/** @see org.apache.kafka.streams.state.SessionStore */
export interface SessionStore<K, V> extends ReadOnlySessionStore<K, V>, StateStore {
  /** How long a session is kept, ms: counted from the newest session's end. */
  readonly retentionMs: number
  /** Sessions expire in whole segments of this length, ms; undefined: one by one. */
  readonly segmentIntervalMs: number | undefined
  /** Sessions of any key that end in the time given, both ends inclusive. */
  findSessionsByEnd(earliestEnd: number, latestEnd: number): StoreIterator<Windowed<K>, V>
  /** Null removes. */
  put(session: Windowed<K>, aggregate: V | null): void
  remove(session: Windowed<K>): void
}

/** One version: valid from `timestamp` to `validTo` (exclusive; undefined: still valid). @see org.apache.kafka.streams.state.VersionedRecord */
export interface VersionedRecord<V> {
  readonly value: V
  readonly timestamp: number
  readonly validTo: number | undefined
}

/** @see org.apache.kafka.streams.state.VersionedKeyValueStore, KIP-889 */
export interface VersionedKeyValueStore<K, V> extends StateStore {
  /** The new version's `validTo`: undefined when it is the newest, -1 when it was too old to be kept. */
  put(key: K, value: V | null, timestamp: number): number | undefined
  delete(key: K, timestamp: number): VersionedRecord<V> | null
  get(key: K): VersionedRecord<V> | null
  getAsOf(key: K, asOf: number): VersionedRecord<V> | null
}

/**
 * How to make a store, and its settings. The builder is data until `build`, which is called once for each task.
 * @see org.apache.kafka.streams.state.StoreBuilder
 */
export interface StoreBuilder<S extends StateStore> {
  readonly name: string
  readonly kind: 'key-value' | 'window' | 'session' | 'versioned' | 'buffer' | 'custom'
  readonly loggingEnabled: boolean
  /** Settings of the changelog topic, beside the ones that follow from the kind of store. */
  readonly logConfig: Readonly<{ [key: string]: string }>
  readonly cachingEnabled: boolean
  /** Retention for the changelog of window, session stores, and history retention of versioned ones, ms. */
  readonly retentionMs?: number
  withLoggingEnabled(config?: Readonly<{ [key: string]: string }>): StoreBuilder<S>
  withLoggingDisabled(): StoreBuilder<S>
  withCachingEnabled(): StoreBuilder<S>
  withCachingDisabled(): StoreBuilder<S>
  build(): S
}
