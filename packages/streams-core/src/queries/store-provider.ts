import type { StoreIterator } from '@millrace/state-stores'
import { CompositeIterator } from './composite-iterator.ts'
import { reading } from './local-stores.ts'

/** The stores behind a view, found anew for each read: partitions come and go. */
export class StoreProvider<S> {
  readonly storeName: string
  readonly #stores: () => readonly S[]

  constructor(storeName: string, stores: () => readonly S[]) {
    this.storeName = storeName
    this.#stores = stores
  }

  /** @throws StateStoreNotAvailableError when the store cannot be read now */
  stores(): readonly S[] {
    return this.#stores()
  }

  /** The first answer that is not null, by partition. */
  first<R>(read: (store: S) => R | null): R | null {
    for (const store of this.#stores()) {
      const result = reading(this.storeName, () => read(store))
      if (result !== null) return result
    }
    return null
  }

  /** The entries of all partitions, partition after partition. */
  all<K, V>(open: (store: S) => StoreIterator<K, V>): StoreIterator<K, V> {
    return new CompositeIterator(this.storeName, this.#stores(), open)
  }
}
