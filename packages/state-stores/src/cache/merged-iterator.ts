import { StepIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import type { CacheEntry } from './named-cache.ts'

/**
 * The entries of a store with those of its cache over them, in one order. A cached tombstone hides the store's entry.
 * @see org.apache.kafka.streams.state.internals.AbstractMergedSortedCacheStoreIterator — whose backward walks mishandle
 *   tombstones; these do not.
 */
export class MergedIterator<K, C> extends StepIterator<K, Uint8Array> {
  readonly #cache: StoreIterator<K, CacheEntry<C>>
  readonly #store: StoreIterator<K, Uint8Array>
  readonly #compare: (cacheKey: K, storeKey: K) => number

  /** `compare` gives less than zero when the cache's key comes first in the order of both iterators. */
  constructor(
    cache: StoreIterator<K, CacheEntry<C>>,
    store: StoreIterator<K, Uint8Array>,
    compare: (cacheKey: K, storeKey: K) => number,
  ) {
    super()
    this.#cache = cache
    this.#store = store
    this.#compare = compare
  }

  protected override step(): [K, Uint8Array] | undefined {
    for (;;) {
      const cacheKey = this.#cache.peekNextKey()
      if (cacheKey === undefined) return this.#next()
      const storeKey = this.#store.peekNextKey()
      const order = storeKey === undefined ? -1 : this.#compare(cacheKey, storeKey)
      if (order > 0) return this.#next()
      if (order === 0) this.#store.next()
      const entry = this.#cache.next()
      if (entry.done) continue
      const value = entry.value[1].value
      if (value !== null) return [entry.value[0], value]
    }
  }

  protected override release(): void {
    this.#cache.close()
    this.#store.close()
  }

  #next(): [K, Uint8Array] | undefined {
    const next = this.#store.next()
    return next.done ? undefined : next.value
  }
}
