import type { Aggregator, Initializer, Reducer } from '../processors/functions.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { Windowed } from '../windows/window.ts'
import type { KTable } from './ktable.ts'
import type { WindowMaterialized } from './materialized.ts'

/**
 * Grouped records by windows of time. A record that comes after its window's end and grace is dropped and counted.
 * @see org.apache.kafka.streams.kstream.TimeWindowedKStream
 */
export interface TimeWindowedKStream<K, V> {
  /** Counts the records of each key and window. The value serde is `Serdes.int64()` unless another is given. */
  count(materialized?: WindowMaterialized<K, number>): KTable<Windowed<K>, number>

  /** Combines the values of each key and window; the first one is the first aggregate. */
  reduce(reducer: Reducer<V>, materialized?: WindowMaterialized<K, V>): KTable<Windowed<K>, V>

  /** Combines the values of each key and window into an aggregate, beginning with what `initializer` gives. */
  aggregate<VOut>(
    initializer: Initializer<VOut>,
    aggregator: Aggregator<K, V, VOut>,
    materialized?: WindowMaterialized<K, VOut>,
  ): KTable<Windowed<K>, VOut>

  /** Every update (the default), or each window's final result once. @throws TopologyError for unlimited windows, which never close */
  emitStrategy(strategy: EmitStrategy): TimeWindowedKStream<K, V>
}
