import type { Aggregator, Initializer, Merger, Reducer } from '../processors/functions.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { Windowed } from '../windows/window.ts'
import type { KTable } from './ktable.ts'
import type { SessionMaterialized } from './materialized.ts'

/**
 * Grouped records by sessions. When a record joins two sessions, the result of the earlier one is deleted.
 * @see org.apache.kafka.streams.kstream.SessionWindowedKStream
 */
export interface SessionWindowedKStream<K, V> {
  /** Counts the records of each key and session. The value serde is `Serdes.int64()` unless another is given. */
  count(materialized?: SessionMaterialized<K, number>): KTable<Windowed<K>, number>

  /** Combines the values of each key and session; the first one is the first aggregate. */
  reduce(reducer: Reducer<V>, materialized?: SessionMaterialized<K, V>): KTable<Windowed<K>, V>

  /** Combines the values of each key and session; `merger` joins the aggregates of two sessions that become one. */
  aggregate<VOut>(
    initializer: Initializer<VOut>,
    aggregator: Aggregator<K, V, VOut>,
    merger: Merger<K, VOut>,
    materialized?: SessionMaterialized<K, VOut>,
  ): KTable<Windowed<K>, VOut>

  /** Every update (the default), or each session's final result once. */
  emitStrategy(strategy: EmitStrategy): SessionWindowedKStream<K, V>
}
