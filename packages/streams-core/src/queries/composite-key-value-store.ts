import type { StoreIterator } from '@millrace/state-stores'
import type { ReadOnlyKeyValueStore } from '../state/state-store.ts'
import type { StoreProvider } from './store-provider.ts'

/**
 * Reads of a key-value store over the partitions of this instance.
 * @see org.apache.kafka.streams.state.internals.CompositeReadOnlyKeyValueStore
 */
export class CompositeReadOnlyKeyValueStore<K, V> implements ReadOnlyKeyValueStore<K, V> {
  readonly #provider: StoreProvider<ReadOnlyKeyValueStore<K, V>>

  constructor(provider: StoreProvider<ReadOnlyKeyValueStore<K, V>>) {
    this.#provider = provider
  }

  get(key: K): V | null {
    return this.#provider.first((store) => store.get(key))
  }

  range(from: K | null, to: K | null): StoreIterator<K, V> {
    return this.#provider.all((store) => store.range(from, to))
  }

  reverseRange(from: K | null, to: K | null): StoreIterator<K, V> {
    return this.#provider.all((store) => store.reverseRange(from, to))
  }

  all(): StoreIterator<K, V> {
    return this.#provider.all((store) => store.all())
  }

  reverseAll(): StoreIterator<K, V> {
    return this.#provider.all((store) => store.reverseAll())
  }

  prefixScan(prefix: Uint8Array): StoreIterator<K, V> {
    return this.#provider.all((store) => store.prefixScan(prefix))
  }

  approximateNumEntries(): number {
    return this.#provider.stores().reduce((sum, store) => sum + store.approximateNumEntries(), 0)
  }
}
