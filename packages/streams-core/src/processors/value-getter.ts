import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { ProcessorContext } from './processor.ts'
import { TableStore } from './table-store.ts'

/**
 * Reads a table's current value of a key: from its store, or computed from its parent's.
 * @see org.apache.kafka.streams.kstream.internals.KTableValueGetter
 */
export interface ValueGetter<K, V> {
  /** Called once, with the context of the processor that reads. */
  init(context: ProcessorContext<unknown, unknown>): void
  /** True when `getAsOf` can be used. Known after `init`. */
  readonly isVersioned: boolean
  get(key: K): ValueAndTimestamp<V> | null
  /** The value that was valid at a time, Unix ms. Only where `isVersioned`. */
  getAsOf(key: K, asOf: number): ValueAndTimestamp<V> | null
  close?(): void
}

/** Gives a new getter for each processor, and the stores which that processor must be connected to. */
export interface ValueGetterSupplier<K, V> {
  readonly storeNames: readonly string[]
  get(): ValueGetter<K, V>
}

/**
 * Reads a table's store.
 * @see org.apache.kafka.streams.kstream.internals.KTableMaterializedValueGetterSupplier
 */
export function storeValueGetter<K, V>(storeName: string): ValueGetterSupplier<K, V> {
  return { storeNames: [storeName], get: () => new StoreValueGetter(storeName) }
}

class StoreValueGetter<K, V> implements ValueGetter<K, V> {
  readonly #storeName: string
  #store!: TableStore<K, V>

  constructor(storeName: string) {
    this.#storeName = storeName
  }

  init(context: ProcessorContext<unknown, unknown>): void {
    this.#store = new TableStore(context, this.#storeName)
  }

  get isVersioned(): boolean {
    return this.#store.isVersioned
  }

  get(key: K): ValueAndTimestamp<V> | null {
    return this.#store.get(key)
  }

  getAsOf(key: K, asOf: number): ValueAndTimestamp<V> | null {
    return this.#store.getAsOf(key, asOf)
  }
}
