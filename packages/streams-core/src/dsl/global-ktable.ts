/**
 * A table of which every instance holds all rows, to be joined on any key. It has no operators of its own.
 * @see org.apache.kafka.streams.kstream.GlobalKTable
 */
export interface GlobalKTable<K, V> {
  /** Tells it from a {@link KTable}. */
  readonly isGlobal: true
  /** The name of the store under which the table can be queried. */
  readonly queryableStoreName: string | undefined
  /** Never called: it holds the types of keys and values. */
  readonly rowTypes?: (key: K, value: V) => readonly [K, V]
}
