// Callbacks take the value first, then the key. None may return a promise: asynchronous functions have operators of their own.

/** Whether a record is wanted. @see org.apache.kafka.streams.kstream.Predicate — value first */
export type Predicate<K, V> = (value: V, key: K) => boolean
/** Makes a new value. @see org.apache.kafka.streams.kstream.ValueMapperWithKey — value first */
export type ValueMapper<K, V, VOut> = (value: V, key: K) => VOut
/** Makes a new key. @see org.apache.kafka.streams.kstream.KeyValueMapper — value first; the result is the key alone */
export type KeyMapper<K, V, KOut> = (value: V, key: K) => KOut
/** Makes a new key and value. @see org.apache.kafka.streams.kstream.KeyValueMapper — value first; a pair for Java's KeyValue */
export type KeyValueMapper<K, V, KOut, VOut> = (value: V, key: K) => readonly [KOut, VOut]
/** Makes any number of values. @see org.apache.kafka.streams.kstream.ValueMapperWithKey — value first */
export type FlatValueMapper<K, V, VOut> = (value: V, key: K) => Iterable<VOut>
/** Makes any number of pairs of key and value. @see org.apache.kafka.streams.kstream.KeyValueMapper — value first */
export type FlatKeyValueMapper<K, V, KOut, VOut> = (value: V, key: K) => Iterable<readonly [KOut, VOut]>
/** Looks at a record. @see org.apache.kafka.streams.kstream.ForeachAction — value first */
export type ForeachAction<K, V> = (value: V, key: K) => void
/** Puts two values together. `left` or `right` is null where an outer side is missing. @see org.apache.kafka.streams.kstream.ValueJoinerWithKey — key last */
export type ValueJoiner<K, L, R, VOut> = (left: L, right: R, key: K) => VOut
/** The aggregate before the first value. @see org.apache.kafka.streams.kstream.Initializer */
export type Initializer<A> = () => A
/** Takes a value into an aggregate and returns the new one. @see org.apache.kafka.streams.kstream.Aggregator — aggregate first, key last */
export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A
/** Puts two values of one type together. @see org.apache.kafka.streams.kstream.Reducer */
export type Reducer<V> = (aggregate: V, value: V) => V
/** Joins the aggregates of two sessions that became one. @see org.apache.kafka.streams.kstream.Merger — key last */
export type Merger<K, A> = (left: A, right: A, key: K) => A
