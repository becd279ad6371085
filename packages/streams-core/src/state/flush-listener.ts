import type { Headers } from '@millrace/serdes'
import type { StateStore } from './state-store.ts'

/**
 * Told of each entry that leaves a store's cache. `oldValue` is what the store had below the cache, null when old values
 * were not asked for. Timestamp and headers are of the record that made the newest update.
 * @see org.apache.kafka.streams.state.internals.CacheFlushListener
 */
export type FlushListener<K, V> = (
  key: K,
  newValue: V | null,
  oldValue: V | null,
  timestamp: number,
  headers: Headers,
) => void

/** A store that may have a cache. */
export interface CachedStateStore<K, V> extends StateStore {
  /** False when the store has no cache: the listener is never called. */
  setFlushListener(listener: FlushListener<K, V>, sendOldValues: boolean): boolean
}

/** Registers the listener if the store has a cache; false when it has none. */
export function setFlushListener<K, V>(
  store: StateStore,
  listener: FlushListener<K, V>,
  sendOldValues: boolean,
): boolean {
  return 'setFlushListener' in store && (store as CachedStateStore<K, V>).setFlushListener(listener, sendOldValues)
}
