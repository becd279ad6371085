import type { Serde } from '@millrace/serdes'
import {
  cachingKeyValueStore,
  changeLoggingKeyValueStore,
  changeLoggingVersionedStore,
  type KeyValueBytesStore,
  listValueStore,
} from '@millrace/state-stores'
import { MeteredKeyValueStore } from './metered-key-value-store.ts'
import { MeteredVersionedStore } from './metered-versioned-store.ts'
import type { OuterJoinSerdes } from './outer-join-codec.ts'
import { OuterJoinStore } from './outer-join-store.ts'
import type { KeyValueStore, StoreBuilder, TimestampedKeyValueStore, VersionedKeyValueStore } from './state-store.ts'
import { storeBuilder } from './store-builder.ts'
import { changeLogger, type StoreLayering, storeLayers } from './store-layers.ts'
import type { KeyValueBytesStoreSupplier, VersionedBytesStoreSupplier } from './store-supplier.ts'
import { plainValues, timestampedValues, type ValueCodecFactory } from './value-codec.ts'

/** A store of plain values. @see org.apache.kafka.streams.state.internals.KeyValueStoreBuilder */
export function keyValueStoreBuilder<K, V>(
  supplier: KeyValueBytesStoreSupplier,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
): StoreBuilder<KeyValueStore<K, V>> {
  return builder(supplier, keySerde, plainValues(valueSerde), false)
}

/** A store of values with timestamps. @see org.apache.kafka.streams.state.internals.TimestampedKeyValueStoreBuilder */
export function timestampedKeyValueStoreBuilder<K, V>(
  supplier: KeyValueBytesStoreSupplier,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
): StoreBuilder<TimestampedKeyValueStore<K, V>> {
  return builder(supplier, keySerde, timestampedValues(valueSerde), true)
}

function builder<K, V>(
  supplier: KeyValueBytesStoreSupplier,
  keySerde: Serde<K>,
  values: ValueCodecFactory<V>,
  timestamped: boolean,
): StoreBuilder<KeyValueStore<K, V>> {
  const { name, persistent, metricsScope } = supplier
  const layering = {
    name,
    bytes: () => supplier.get(),
    withChangeLogging: (bytes, logChange) => changeLoggingKeyValueStore(bytes, logChange, { timestamped }),
    withCaching: cachingKeyValueStore,
  } satisfies StoreLayering<KeyValueBytesStore>
  return storeBuilder<KeyValueStore<K, V>>({
    name,
    kind: 'key-value',
    canCache: true,
    build: (settings) =>
      new MeteredKeyValueStore({
        name,
        persistent,
        metricsScope,
        keySerde,
        values,
        layers: (context) => storeLayers(layering, settings, context),
      }),
  })
}

/** A store of versions. It has no cache. @see org.apache.kafka.streams.state.internals.VersionedKeyValueStoreBuilder */
export function versionedKeyValueStoreBuilder<K, V>(
  supplier: VersionedBytesStoreSupplier,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
): StoreBuilder<VersionedKeyValueStore<K, V>> {
  const { name, persistent, metricsScope } = supplier
  const layering = { name, bytes: () => supplier.get(), withChangeLogging: changeLoggingVersionedStore }
  return storeBuilder<VersionedKeyValueStore<K, V>>({
    name,
    kind: 'versioned',
    retentionMs: supplier.historyRetentionMs,
    canCache: false,
    build: (settings) =>
      new MeteredVersionedStore({
        name,
        persistent,
        metricsScope,
        keySerde,
        values: plainValues(valueSerde),
        layers: (context) => storeLayers(layering, settings, context),
      }),
  })
}

/**
 * The store in which unmatched records of a stream-stream join wait. It has no cache.
 * @see org.apache.kafka.streams.state.internals.ListValueStoreBuilder
 */
export function outerJoinStoreBuilder<K, L, R>(
  supplier: KeyValueBytesStoreSupplier,
  serdes: OuterJoinSerdes<K, L, R>,
): StoreBuilder<OuterJoinStore<K, L, R>> {
  const { name, persistent } = supplier
  return storeBuilder<OuterJoinStore<K, L, R>>({
    name,
    kind: 'key-value',
    canCache: false,
    build: ({ loggingEnabled }) =>
      new OuterJoinStore(name, persistent, serdes, (context) => {
        if (!loggingEnabled) return listValueStore(supplier.get())
        const logChange = changeLogger(name, context)
        return listValueStore(supplier.get(), (key, list) => logChange(key, list, undefined))
      }),
  })
}
