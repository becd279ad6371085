import {
  inMemoryKeyValueStore,
  inMemorySessionStoreSupplier,
  inMemoryWindowStoreSupplier,
  persistentKeyValueStore,
  persistentSessionStore,
  persistentWindowStore,
  timeOrderedPersistentSessionStore,
  timeOrderedPersistentWindowStore,
} from './bytes-store-suppliers.ts'
import type { DslStoreSuppliers, DslStoreType } from './dsl-store-suppliers.ts'

/** Persistent stores; those that emit on window close are ordered by time. */
const rocksDB: DslStoreSuppliers = {
  keyValueStore: ({ name }) => persistentKeyValueStore(name),
  windowStore: ({ name, emitStrategy, ...settings }) =>
    emitStrategy === 'onWindowClose'
      ? timeOrderedPersistentWindowStore(name, settings)
      : persistentWindowStore(name, settings),
  sessionStore: ({ name, retentionMs, emitStrategy }) =>
    emitStrategy === 'onWindowClose'
      ? timeOrderedPersistentSessionStore(name, retentionMs)
      : persistentSessionStore(name, retentionMs),
}

const inMemory: DslStoreSuppliers = {
  keyValueStore: ({ name }) => inMemoryKeyValueStore(name),
  windowStore: ({ name, ...settings }) => inMemoryWindowStoreSupplier(name, settings),
  sessionStore: ({ name, retentionMs }) => inMemorySessionStoreSupplier(name, retentionMs),
}

/** The suppliers of a kind of store. @see org.apache.kafka.streams.state.BuiltInDslStoreSuppliers */
export function dslStoreSuppliers(type: DslStoreType): DslStoreSuppliers {
  if (typeof type === 'object') return type
  return type === 'in_memory' ? inMemory : rocksDB
}
