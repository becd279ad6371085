import type { StoreIterator } from '@millrace/state-stores'
import type { ReadOnlyWindowStore } from '../state/state-store.ts'
import type { Windowed } from '../windows/window.ts'
import type { StoreProvider } from './store-provider.ts'

/**
 * Reads of a window store over the partitions of this instance.
 * @see org.apache.kafka.streams.state.internals.CompositeReadOnlyWindowStore
 */
export class CompositeReadOnlyWindowStore<K, V> implements ReadOnlyWindowStore<K, V> {
  readonly #provider: StoreProvider<ReadOnlyWindowStore<K, V>>

  constructor(provider: StoreProvider<ReadOnlyWindowStore<K, V>>) {
    this.#provider = provider
  }

  fetchOne(key: K, windowStart: number): V | null {
    return this.#provider.first((store) => store.fetchOne(key, windowStart))
  }

  fetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V> {
    return this.#provider.all((store) => store.fetch(key, timeFrom, timeTo))
  }

  backwardFetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V> {
    return this.#provider.all((store) => store.backwardFetch(key, timeFrom, timeTo))
  }

  fetchRange(keyFrom: K | null, keyTo: K | null, timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return this.#provider.all((store) => store.fetchRange(keyFrom, keyTo, timeFrom, timeTo))
  }

  backwardFetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    timeFrom: number,
    timeTo: number,
  ): StoreIterator<Windowed<K>, V> {
    return this.#provider.all((store) => store.backwardFetchRange(keyFrom, keyTo, timeFrom, timeTo))
  }

  all(): StoreIterator<Windowed<K>, V> {
    return this.#provider.all((store) => store.all())
  }

  backwardAll(): StoreIterator<Windowed<K>, V> {
    return this.#provider.all((store) => store.backwardAll())
  }

  fetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return this.#provider.all((store) => store.fetchAll(timeFrom, timeTo))
  }

  backwardFetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return this.#provider.all((store) => store.backwardFetchAll(timeFrom, timeTo))
  }
}
