import type { StoreIterator } from '@millrace/state-stores'
import type { VersionedRecord } from '../state/state-store.ts'
import type { StoreProvider } from './store-provider.ts'

/** Reads of a versioned store. Times are Unix ms. Java has them as queries only (KIP-960, KIP-968). */
export interface ReadOnlyVersionedKeyValueStore<K, V> {
  /** The newest version; null when there is none. */
  get(key: K): VersionedRecord<V> | null
  /** The version valid at that time; null also when the time is older than the history kept. */
  getAsOf(key: K, asOf: number): VersionedRecord<V> | null
  /** Versions valid anywhere in `[from, to]`, by time: newest first unless `ascending`. */
  getRange(key: K, from: number, to: number, ascending?: boolean): StoreIterator<K, VersionedRecord<V>>
}

/** Reads of a versioned store over the partitions of this instance. */
export class CompositeReadOnlyVersionedStore<K, V> implements ReadOnlyVersionedKeyValueStore<K, V> {
  readonly #provider: StoreProvider<ReadOnlyVersionedKeyValueStore<K, V>>

  constructor(provider: StoreProvider<ReadOnlyVersionedKeyValueStore<K, V>>) {
    this.#provider = provider
  }

  get(key: K): VersionedRecord<V> | null {
    return this.#provider.first((store) => store.get(key))
  }

  getAsOf(key: K, asOf: number): VersionedRecord<V> | null {
    return this.#provider.first((store) => store.getAsOf(key, asOf))
  }

  getRange(key: K, from: number, to: number, ascending = false): StoreIterator<K, VersionedRecord<V>> {
    return this.#provider.all((store) => store.getRange(key, from, to, ascending))
  }
}
