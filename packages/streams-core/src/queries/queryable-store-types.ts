import { InvalidStateStoreError } from '../errors.ts'
import { MeteredKeyValueStore } from '../state/metered-key-value-store.ts'
import { MeteredSessionStore } from '../state/metered-session-store.ts'
import { MeteredVersionedStore } from '../state/metered-versioned-store.ts'
import { MeteredWindowStore } from '../state/metered-window-store.ts'
import type {
  ReadOnlyKeyValueStore,
  ReadOnlySessionStore,
  ReadOnlyWindowStore,
  StateStore,
} from '../state/state-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import { CompositeReadOnlyKeyValueStore } from './composite-key-value-store.ts'
import { CompositeReadOnlySessionStore } from './composite-session-store.ts'
import { CompositeReadOnlyVersionedStore, type ReadOnlyVersionedKeyValueStore } from './composite-versioned-store.ts'
import { CompositeReadOnlyWindowStore } from './composite-window-store.ts'
import { plainKeyValueView, plainWindowView } from './plain-views.ts'
import { StoreProvider } from './store-provider.ts'

/** As what kind of store, and with which types, a store is read. @see org.apache.kafka.streams.state.QueryableStoreType */
export interface QueryableStoreType<View> {
  /** For messages. */
  readonly name: string
  /** One task's store as this type; undefined when it is of another kind. */
  accept(store: StateStore): View | undefined
  /** One view over the stores of all tasks. */
  combine(provider: StoreProvider<View>): View
}

/**
 * The kinds of views that `KafkaStreams.store` gives. A store of values with timestamps can be read without them.
 *
 * ```ts
 * const counts = streams.store('counts', QueryableStoreTypes.keyValueStore<string, number>())
 * ```
 *
 * @see org.apache.kafka.streams.state.QueryableStoreTypes
 */
export const QueryableStoreTypes = {
  keyValueStore: <K, V>(): QueryableStoreType<ReadOnlyKeyValueStore<K, V>> => ({
    name: 'key-value store',
    accept: (store) => {
      if (!(store instanceof MeteredKeyValueStore)) return undefined
      return store.isTimestamped ? plainKeyValueView<K, V>(store) : store
    },
    combine: (provider) => new CompositeReadOnlyKeyValueStore(provider),
  }),
  timestampedKeyValueStore: <K, V>(): QueryableStoreType<ReadOnlyKeyValueStore<K, ValueAndTimestamp<V>>> => ({
    name: 'key-value store with timestamps',
    accept: (store) => (store instanceof MeteredKeyValueStore && store.isTimestamped ? store : undefined),
    combine: (provider) => new CompositeReadOnlyKeyValueStore(provider),
  }),
  windowStore: <K, V>(): QueryableStoreType<ReadOnlyWindowStore<K, V>> => ({
    name: 'window store',
    accept: (store) => {
      if (!(store instanceof MeteredWindowStore)) return undefined
      return store.isTimestamped ? plainWindowView<K, V>(store) : store
    },
    combine: (provider) => new CompositeReadOnlyWindowStore(provider),
  }),
  timestampedWindowStore: <K, V>(): QueryableStoreType<ReadOnlyWindowStore<K, ValueAndTimestamp<V>>> => ({
    name: 'window store with timestamps',
    accept: (store) => (store instanceof MeteredWindowStore && store.isTimestamped ? store : undefined),
    combine: (provider) => new CompositeReadOnlyWindowStore(provider),
  }),
  sessionStore: <K, V>(): QueryableStoreType<ReadOnlySessionStore<K, V>> => ({
    name: 'session store',
    accept: (store) => (store instanceof MeteredSessionStore ? store : undefined),
    combine: (provider) => new CompositeReadOnlySessionStore(provider),
  }),
  versionedKeyValueStore: <K, V>(): QueryableStoreType<ReadOnlyVersionedKeyValueStore<K, V>> => ({
    name: 'versioned key-value store',
    accept: (store) => (store instanceof MeteredVersionedStore ? store : undefined),
    combine: (provider) => new CompositeReadOnlyVersionedStore(provider),
  }),
} as const

/**
 * A view of the stores that `find` gives, which is called for each read.
 * @throws InvalidStateStoreError when they are of another kind
 */
export function storeView<View>(
  storeName: string,
  type: QueryableStoreType<View>,
  find: () => readonly StateStore[],
): View {
  const stores = () => find().map((store) => accept(storeName, type, store))
  stores()
  return type.combine(new StoreProvider(storeName, stores))
}

function accept<View>(storeName: string, type: QueryableStoreType<View>, store: StateStore): View {
  const view = type.accept(store)
  if (view !== undefined) return view
  throw new InvalidStateStoreError(
    storeName,
    `Store '${storeName}' cannot be read as a ${type.name}: it is of another kind. Ask with the type of QueryableStoreTypes that it was declared as.`,
  )
}
