import type { StoreIterator } from '@millrace/state-stores'
import type { ReadOnlyKeyValueStore, ReadOnlyWindowStore } from '../state/state-store.ts'
import { TypedIterator } from '../state/typed-iterator.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'

/**
 * A store of values with timestamps, read without them.
 * @see org.apache.kafka.streams.state.internals.ReadOnlyKeyValueStoreFacade
 */
export function plainKeyValueView<K, V>(
  store: ReadOnlyKeyValueStore<K, ValueAndTimestamp<V>>,
): ReadOnlyKeyValueStore<K, V> {
  return {
    get: (key) => plain(store.get(key)),
    range: (from, to) => plainEntries(store.range(from, to)),
    reverseRange: (from, to) => plainEntries(store.reverseRange(from, to)),
    all: () => plainEntries(store.all()),
    reverseAll: () => plainEntries(store.reverseAll()),
    prefixScan: (prefix) => plainEntries(store.prefixScan(prefix)),
    approximateNumEntries: () => store.approximateNumEntries(),
  }
}

/**
 * A window store of values with timestamps, read without them.
 * @see org.apache.kafka.streams.state.internals.ReadOnlyWindowStoreFacade
 */
export function plainWindowView<K, V>(store: ReadOnlyWindowStore<K, ValueAndTimestamp<V>>): ReadOnlyWindowStore<K, V> {
  return {
    fetchOne: (key, start) => plain(store.fetchOne(key, start)),
    fetch: (key, from, to) => plainEntries(store.fetch(key, from, to)),
    backwardFetch: (key, from, to) => plainEntries(store.backwardFetch(key, from, to)),
    fetchRange: (keyFrom, keyTo, from, to) => plainEntries(store.fetchRange(keyFrom, keyTo, from, to)),
    backwardFetchRange: (keyFrom, keyTo, from, to) => plainEntries(store.backwardFetchRange(keyFrom, keyTo, from, to)),
    all: () => plainEntries(store.all()),
    backwardAll: () => plainEntries(store.backwardAll()),
    fetchAll: (from, to) => plainEntries(store.fetchAll(from, to)),
    backwardFetchAll: (from, to) => plainEntries(store.backwardFetchAll(from, to)),
  }
}

function plain<V>(row: ValueAndTimestamp<V> | null): V | null {
  return row === null ? null : row.value
}

function plainEntries<K, V>(entries: StoreIterator<K, ValueAndTimestamp<V>>): StoreIterator<K, V> {
  return new TypedIterator(
    entries,
    (key: K) => key,
    (row: ValueAndTimestamp<V>) => row.value,
  )
}
