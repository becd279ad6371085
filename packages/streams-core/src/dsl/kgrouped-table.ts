import type { Aggregator, Initializer, Reducer } from '../processors/functions.ts'
import type { KTable } from './ktable.ts'
import type { Materialized } from './materialized.ts'

/**
 * Rows of a table grouped by a new key, to be aggregated. A row that changes is first taken out, then put in.
 * @see org.apache.kafka.streams.kstream.KGroupedTable
 */
export interface KGroupedTable<K, V> {
  /** Counts the rows of each key. The value serde is `Serdes.int64()` unless another is given. */
  count(materialized?: Materialized<K, number>): KTable<K, number>

  /** Combines the values of each key: `adder` puts one in, `subtractor` takes one out. The first value is the first aggregate. */
  reduce(adder: Reducer<V>, subtractor: Reducer<V>, materialized?: Materialized<K, V>): KTable<K, V>

  /** Combines the values of each key into an aggregate, beginning with what `initializer` gives. */
  aggregate<VOut>(
    initializer: Initializer<VOut>,
    adder: Aggregator<K, V, VOut>,
    subtractor: Aggregator<K, V, VOut>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>
}
