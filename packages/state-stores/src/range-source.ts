import type { StoreIterator } from './store-iterator.ts'

/** An iterator over entries that can pass over one without reading its value. */
export interface SkippingIterator<V> extends StoreIterator<Uint8Array, V> {
  skip(): void
}

/** Entries in the order of their keys' unsigned bytes: a keyspace, or a cache. */
export interface RangeSource<V> {
  /** Entries with `from <= key <= to` (null: open end), ascending or, with `reverse`, descending. */
  range(from: Uint8Array | null, to: Uint8Array | null, reverse?: boolean): SkippingIterator<V>
}
