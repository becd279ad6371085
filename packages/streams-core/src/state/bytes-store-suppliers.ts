import {
  inMemorySessionStore,
  inMemoryWindowStore,
  keyValueStore,
  lruStore,
  segmentedSessionStore,
  segmentedWindowStore,
  timeOrderedSessionStore,
  timeOrderedWindowStore,
  versionedStore,
  type WindowBytesStore,
} from '@millrace/state-stores'
import type {
  KeyValueBytesStoreSupplier,
  SessionBytesStoreSupplier,
  VersionedBytesStoreSupplier,
  WindowBytesStoreSupplier,
} from './store-supplier.ts'

/** Settings of a window store; times are ms. */
export interface WindowStoreSettings {
  /** How long a window is kept, counted from the newest window's start; at least the window size. */
  readonly retentionMs: number
  readonly windowSizeMs: number
  /** True: a window keeps every value put, for stream-stream joins. Default: false. */
  readonly retainDuplicates?: boolean
}

export function persistentKeyValueStore(name: string): KeyValueBytesStoreSupplier {
  return { kind: 'key-value', name, metricsScope: 'rocksdb', persistent: true, get: () => keyValueStore(name) }
}

export function inMemoryKeyValueStore(name: string): KeyValueBytesStoreSupplier {
  return { kind: 'key-value', name, metricsScope: 'in-memory', persistent: false, get: () => keyValueStore(name) }
}

/** @throws StoreConfigError for a negative number of entries. */
export function lruMap(name: string, maxEntries: number): KeyValueBytesStoreSupplier {
  lruStore(name, maxEntries)
  return {
    kind: 'key-value',
    name,
    metricsScope: 'in-memory-lru',
    persistent: false,
    get: () => lruStore(name, maxEntries),
  }
}

/**
 * `historyRetentionMs`: how long old versions are kept, and how late a version may come. `segmentIntervalMs`: how the history
 * is cut into segments; default: a part of the retention, as in Java.
 * @throws StoreConfigError for a negative retention or a segment interval below 1.
 */
export function persistentVersionedKeyValueStore(
  name: string,
  historyRetentionMs: number,
  segmentIntervalMs?: number,
): VersionedBytesStoreSupplier {
  const options = { name, historyRetentionMs, ...(segmentIntervalMs === undefined ? {} : { segmentIntervalMs }) }
  const get = () => versionedStore(options)
  get()
  return { kind: 'versioned', name, metricsScope: 'rocksdb', persistent: true, historyRetentionMs, get }
}

/** @throws StoreConfigError for a negative time, or a retention below the window size. */
export function persistentWindowStore(name: string, settings: WindowStoreSettings): WindowBytesStoreSupplier {
  return windowSupplier(name, 'rocksdb-window', true, settings, () => segmentedWindowStore({ name, ...settings }))
}

/** A window store whose ranges go by time, then key: for emission on window close. */
export function timeOrderedPersistentWindowStore(
  name: string,
  settings: WindowStoreSettings,
): WindowBytesStoreSupplier {
  return windowSupplier(name, 'rocksdb-window', true, settings, () => timeOrderedWindowStore({ name, ...settings }))
}

/** @throws StoreConfigError for a negative time, or a retention below the window size. */
export function inMemoryWindowStoreSupplier(name: string, settings: WindowStoreSettings): WindowBytesStoreSupplier {
  return windowSupplier(name, 'in-memory-window', false, settings, () => inMemoryWindowStore({ name, ...settings }))
}

function windowSupplier(
  name: string,
  metricsScope: string,
  persistent: boolean,
  settings: WindowStoreSettings,
  get: () => WindowBytesStore,
): WindowBytesStoreSupplier {
  get()
  const { retentionMs, windowSizeMs, retainDuplicates = false } = settings
  return { kind: 'window', name, metricsScope, persistent, retentionMs, windowSizeMs, retainDuplicates, get }
}

/** @throws StoreConfigError for a negative retention. */
export function persistentSessionStore(name: string, retentionMs: number): SessionBytesStoreSupplier {
  const get = () => segmentedSessionStore({ name, retentionMs })
  get()
  return { kind: 'session', name, metricsScope: 'rocksdb-session', persistent: true, retentionMs, get }
}

/** A session store which finds sessions by their end: for emission on window close. */
export function timeOrderedPersistentSessionStore(name: string, retentionMs: number): SessionBytesStoreSupplier {
  const get = () => timeOrderedSessionStore({ name, retentionMs })
  get()
  return { kind: 'session', name, metricsScope: 'rocksdb-session', persistent: true, retentionMs, get }
}

/** @throws StoreConfigError for a negative retention. */
export function inMemorySessionStoreSupplier(name: string, retentionMs: number): SessionBytesStoreSupplier {
  const get = () => inMemorySessionStore({ name, retentionMs })
  get()
  return { kind: 'session', name, metricsScope: 'in-memory-session', persistent: false, retentionMs, get }
}
