/** Callbacks take the value first, then the key (DESIGN.md, decision 7). None may return a promise. */
export type Predicate<K, V> = (value: V, key: K) => boolean
export type ValueMapper<K, V, VOut> = (value: V, key: K) => VOut
export type KeyMapper<K, V, KOut> = (value: V, key: K) => KOut
export type KeyValueMapper<K, V, KOut, VOut> = (value: V, key: K) => readonly [KOut, VOut]
export type FlatValueMapper<K, V, VOut> = (value: V, key: K) => Iterable<VOut>
export type FlatKeyValueMapper<K, V, KOut, VOut> = (value: V, key: K) => Iterable<readonly [KOut, VOut]>
export type ForeachAction<K, V> = (value: V, key: K) => void
/** `left` or `right` is null where an outer side is missing. */
export type ValueJoiner<K, L, R, VOut> = (left: L, right: R, key: K) => VOut
export type Initializer<A> = () => A
export type Aggregator<K, V, A> = (aggregate: A, value: V, key: K) => A
export type Reducer<V> = (aggregate: V, value: V) => V
/** Joins the aggregates of two sessions that became one. */
export type Merger<K, A> = (left: A, right: A, key: K) => A
