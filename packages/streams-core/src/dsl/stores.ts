import {
  inMemoryKeyValueStore,
  inMemorySessionStoreSupplier,
  inMemoryWindowStoreSupplier,
  lruMap,
  persistentKeyValueStore,
  persistentSessionStore,
  persistentVersionedKeyValueStore,
  persistentWindowStore,
} from '../state/bytes-store-suppliers.ts'
import {
  keyValueStoreBuilder,
  timestampedKeyValueStoreBuilder,
  versionedKeyValueStoreBuilder,
} from '../state/key-value-store-builders.ts'
import {
  sessionStoreBuilder,
  timestampedWindowStoreBuilder,
  windowStoreBuilder,
} from '../state/window-store-builders.ts'

/**
 * Stores, and builders for them. A supplier says how bytes are kept; a builder adds the serdes, the changelog and the cache.
 * Persistent stores keep their data on disk, where the application has a state directory.
 *
 * ```ts
 * builder.addStateStore(
 *   Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore('seen'), Serdes.string(), Serdes.int64()),
 * )
 * ```
 *
 * @see org.apache.kafka.streams.state.Stores — times are numbers of ms here; of each pair plain/timestamped there is one
 * supplier, because the builder decides what a value's bytes hold.
 */
export const Stores = {
  persistentKeyValueStore,
  inMemoryKeyValueStore,
  lruMap,
  persistentVersionedKeyValueStore,
  persistentWindowStore,
  inMemoryWindowStore: inMemoryWindowStoreSupplier,
  persistentSessionStore,
  inMemorySessionStore: inMemorySessionStoreSupplier,
  keyValueStoreBuilder,
  timestampedKeyValueStoreBuilder,
  versionedKeyValueStoreBuilder,
  windowStoreBuilder,
  timestampedWindowStoreBuilder,
  sessionStoreBuilder,
} as const
