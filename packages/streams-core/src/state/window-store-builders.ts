import type { Serde } from '@millrace/serdes'
import {
  cachingSessionStore,
  cachingWindowStore,
  changeLoggingSessionStore,
  changeLoggingWindowStore,
  type WindowBytesStore,
} from '@millrace/state-stores'
import { MeteredSessionStore } from './metered-session-store.ts'
import { MeteredWindowStore } from './metered-window-store.ts'
import type { SessionStore, StoreBuilder, TimestampedWindowStore, WindowStore } from './state-store.ts'
import { storeBuilder } from './store-builder.ts'
import { type StoreLayering, storeLayers } from './store-layers.ts'
import type { SessionBytesStoreSupplier, WindowBytesStoreSupplier } from './store-supplier.ts'
import { plainValues, timestampedValues, type ValueCodecFactory } from './value-codec.ts'

/** A window store of plain values. @see org.apache.kafka.streams.state.internals.WindowStoreBuilder */
export function windowStoreBuilder<K, V>(
  supplier: WindowBytesStoreSupplier,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
): StoreBuilder<WindowStore<K, V>> {
  return builder(supplier, keySerde, plainValues(valueSerde), false)
}

/** A window store of values with timestamps. @see org.apache.kafka.streams.state.internals.TimestampedWindowStoreBuilder */
export function timestampedWindowStoreBuilder<K, V>(
  supplier: WindowBytesStoreSupplier,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
): StoreBuilder<TimestampedWindowStore<K, V>> {
  return builder(supplier, keySerde, timestampedValues(valueSerde), true)
}

/** A store with duplicates has no cache, and its changelog is not compacted. */
function builder<K, V>(
  supplier: WindowBytesStoreSupplier,
  keySerde: Serde<K>,
  values: ValueCodecFactory<V>,
  timestamped: boolean,
): StoreBuilder<WindowStore<K, V>> {
  const { name, persistent, metricsScope, retentionMs, retainDuplicates } = supplier
  const layering = {
    name,
    bytes: () => supplier.get(),
    withChangeLogging: (bytes, logChange) => changeLoggingWindowStore(bytes, logChange, { timestamped }),
    withCaching: cachingWindowStore,
  } satisfies StoreLayering<WindowBytesStore>
  return storeBuilder<WindowStore<K, V>>({
    name,
    kind: 'window',
    retentionMs,
    canCache: !retainDuplicates,
    build: (settings) =>
      new MeteredWindowStore({
        name,
        persistent,
        metricsScope,
        keySerde,
        values,
        layers: (context) => storeLayers(layering, settings, context),
      }),
  }).withLoggingEnabled(retainDuplicates ? { 'cleanup.policy': 'delete' } : {})
}

/** A session store. @see org.apache.kafka.streams.state.internals.SessionStoreBuilder */
export function sessionStoreBuilder<K, V>(
  supplier: SessionBytesStoreSupplier,
  keySerde: Serde<K>,
  valueSerde: Serde<V>,
): StoreBuilder<SessionStore<K, V>> {
  const { name, persistent, metricsScope, retentionMs } = supplier
  const layering = {
    name,
    bytes: () => supplier.get(),
    withChangeLogging: changeLoggingSessionStore,
    withCaching: cachingSessionStore,
  }
  return storeBuilder<SessionStore<K, V>>({
    name,
    kind: 'session',
    retentionMs,
    canCache: true,
    build: (settings) =>
      new MeteredSessionStore({
        name,
        persistent,
        metricsScope,
        keySerde,
        values: plainValues(valueSerde),
        layers: (context) => storeLayers(layering, settings, context),
      }),
  })
}
