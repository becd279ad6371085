/**
 * An ordered walk over a store's entries. It holds the store's index until `close` is called or the end is reached;
 * a `for … of` loop closes it by itself, also when left early.
 * @see org.apache.kafka.streams.state.KeyValueIterator
 */
export interface StoreIterator<K, V> extends IterableIterator<[K, V]> {
  /** The key that `next` will give, without moving; undefined at the end. */
  peekNextKey(): K | undefined
  /** Ends the walk. Calling it again does nothing. */
  close(): void
}
