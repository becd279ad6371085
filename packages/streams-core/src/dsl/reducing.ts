import type { Aggregator, Initializer, Merger, Reducer } from '../processors/functions.ts'

/** A reduction as an aggregation: the first value is the first aggregate. */
export function reducing<K, V>(
  reducer: Reducer<V>,
): { initializer: Initializer<V | null>; aggregator: Aggregator<K, V, V | null>; merger: Merger<K, V | null> } {
  const aggregator = (aggregate: V | null, value: V) => (aggregate === null ? value : reducer(aggregate, value))
  return {
    initializer: () => null,
    aggregator,
    merger: (left, right) => (right === null ? left : aggregator(left, right)),
  }
}
