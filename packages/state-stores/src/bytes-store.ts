import type { KeyspaceSource } from './state-engine.ts'
import type { StoreIterator } from './store-iterator.ts'

/** What a bytes store is given when it is opened. */
export interface BytesStoreContext {
  /** The task's engine, or its committed view for a store that answers queries. */
  readonly engine: KeyspaceSource
  /** Called for each record that was not kept because it is older than the retention (counted as a dropped record). */
  onExpiredRecord(): void
}

/** What all bytes stores have in common. */
export interface BytesStore {
  readonly name: string
  /** Opens the store. Called once, before anything else. */
  init(context: BytesStoreContext): void
  isOpen(): boolean
  /** Closes the store; a later read or write throws a StoreClosedError. The data stays. */
  close(): void
  /**
   * Applies one changelog record (restore): same effect as the write that made it, without logging or expiry warnings. Takes the
   * value over, but not the key.
   */
  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void
}

/** Bytes by key. @see org.apache.kafka.streams.state.KeyValueStore */
export interface KeyValueBytesStore extends BytesStore {
  get(key: Uint8Array): Uint8Array | null
  put(key: Uint8Array, value: Uint8Array | null): void
  /** The value before, or null; writes only when there was none. */
  putIfAbsent(key: Uint8Array, value: Uint8Array | null): Uint8Array | null
  /** The value before, or null. */
  delete(key: Uint8Array): Uint8Array | null
  /** Both ends inclusive; null: open. An inverted range is empty. */
  range(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array>
  reverseRange(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array>
  prefixScan(prefix: Uint8Array): StoreIterator<Uint8Array, Uint8Array>
  approximateNumEntries(): number
  /**
   * Stores with a bound only: called with the key of each entry that a `put` pushes out, before the entry goes; not during
   * restore.
   */
  setEvictionListener?(listener: (key: Uint8Array) => void): void
}

/** The key bytes and the window's start (Unix ms) of one window entry. `seqnum` is 0 unless duplicates are retained. */
export interface WindowBytesKey {
  readonly key: Uint8Array
  readonly start: number
  readonly seqnum: number
}

/**
 * Bytes by key and window start. Times are Unix ms, both ends inclusive.
 * @see org.apache.kafka.streams.state.WindowStore
 */
export interface WindowBytesStore extends BytesStore {
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean
  /** How the rows are cut into segments, ms; absent in stores without segments (a cache orders its entries likewise). */
  readonly segmentIntervalMs?: number | undefined
  /** True when ranges over several keys go by start, then key. */
  readonly isTimeOrdered?: boolean | undefined
  /** The sequence number given last (0 unless duplicates are retained); absent in stores that do not count. */
  readonly seqnum?: number | undefined
  /** Null removes the window (ignored when duplicates are retained). A start older than the retention is dropped and reported. */
  put(key: Uint8Array, value: Uint8Array | null, windowStart: number): void
  fetchOne(key: Uint8Array, windowStart: number): Uint8Array | null
  /** Windows of one key, by start ascending (`fetch`) or descending (`backwardFetch`). */
  fetch(key: Uint8Array, timeFrom: number, timeTo: number): StoreIterator<WindowBytesKey, Uint8Array>
  backwardFetch(key: Uint8Array, timeFrom: number, timeTo: number): StoreIterator<WindowBytesKey, Uint8Array>
  /** Windows of a range of keys (inclusive; null: open), in the order Java's store of the same kind gives. */
  fetchRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
  ): StoreIterator<WindowBytesKey, Uint8Array>
  backwardFetchRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
  ): StoreIterator<WindowBytesKey, Uint8Array>
  all(): StoreIterator<WindowBytesKey, Uint8Array>
  backwardAll(): StoreIterator<WindowBytesKey, Uint8Array>
}

/** The key bytes of a session and its bounds: times of its first and last record, Unix ms, both inclusive. */
export interface SessionBytesKey {
  readonly key: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * Bytes by key and session. Times are Unix ms.
 * @see org.apache.kafka.streams.state.SessionStore
 */
export interface SessionBytesStore extends BytesStore {
  readonly retentionMs: number
  /** How the rows are cut into segments, ms; absent in stores without segments (a cache orders its entries likewise). */
  readonly segmentIntervalMs?: number | undefined
  /** Null removes. A session whose end is older than the retention is dropped and reported. */
  put(session: SessionBytesKey, aggregate: Uint8Array | null): void
  remove(session: SessionBytesKey): void
  fetchSession(key: Uint8Array, start: number, end: number): Uint8Array | null
  /** Sessions of one key with `end >= earliestEnd` and `start <= latestStart`. */
  findSessions(key: Uint8Array, earliestEnd: number, latestStart: number): StoreIterator<SessionBytesKey, Uint8Array>
  backwardFindSessions(
    key: Uint8Array,
    earliestEnd: number,
    latestStart: number,
  ): StoreIterator<SessionBytesKey, Uint8Array>
  /** The same over a range of keys, inclusive; null: open. */
  findSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): StoreIterator<SessionBytesKey, Uint8Array>
  backwardFindSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): StoreIterator<SessionBytesKey, Uint8Array>
  /** Sessions of any key with `earliestEnd <= end <= latestEnd`; used by emit on window close. */
  findSessionsByEnd(earliestEnd: number, latestEnd: number): StoreIterator<SessionBytesKey, Uint8Array>
}

/** One version of a value: valid from `timestamp` (inclusive) to `validTo` (exclusive; undefined: still valid). Unix ms. */
export interface VersionedBytes {
  readonly value: Uint8Array
  readonly timestamp: number
  readonly validTo: number | undefined
}

/**
 * Bytes by key with history. @see org.apache.kafka.streams.state.VersionedKeyValueStore, KIP-889
 */
export interface VersionedBytesStore extends BytesStore {
  readonly historyRetentionMs: number
  /** Returns the `validTo` of the version put: undefined when it is the newest, -1 when it was too old to be kept. */
  put(key: Uint8Array, value: Uint8Array | null, timestamp: number): number | undefined
  /** The version removed, as `get(key, timestamp)` would have given it. */
  delete(key: Uint8Array, timestamp: number): VersionedBytes | null
  get(key: Uint8Array): VersionedBytes | null
  /** The version valid at that time; null also when the time is older than the history kept. */
  getAsOf(key: Uint8Array, asOf: number): VersionedBytes | null
  /** Versions valid anywhere in `[from, to]`. */
  getRange(key: Uint8Array, from: number, to: number, ascending: boolean): StoreIterator<Uint8Array, VersionedBytes>
}
