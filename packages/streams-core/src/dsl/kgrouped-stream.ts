import type { Aggregator, Initializer, Reducer } from '../processors/functions.ts'
import type { SessionWindows } from '../windows/session-windows.ts'
import type { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Windows } from '../windows/windows.ts'
import type { CogroupedKStream } from './cogrouped-kstream.ts'
import type { KTable } from './ktable.ts'
import type { Materialized } from './materialized.ts'
import type { SessionWindowedKStream } from './session-windowed-kstream.ts'
import type { TimeWindowedKStream } from './time-windowed-kstream.ts'

/**
 * Records grouped by key, to be aggregated. Records with a null key or value are dropped and counted.
 * A result's timestamp is the greatest of the records that went into it.
 * @see org.apache.kafka.streams.kstream.KGroupedStream
 */
export interface KGroupedStream<K, V> {
  /** Counts the records of each key. The value serde is `Serdes.int64()` unless another is given. */
  count(materialized?: Materialized<K, number>): KTable<K, number>

  /** Combines the values of each key; the first one is the first aggregate. */
  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>): KTable<K, V>

  /**
   * Combines the values of each key into an aggregate, beginning with what `initializer` gives. A null aggregate deletes the key.
   *
   * ```ts
   * grouped.aggregate(() => 0, (total, order) => total + order.amount, { valueSerde: Serdes.float64() })
   * ```
   */
  aggregate<VOut>(
    initializer: Initializer<VOut>,
    aggregator: Aggregator<K, V, VOut>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut>

  /** Aggregates by windows of time: tumbling, hopping, unlimited, sliding, or of your own. */
  windowedBy(windows: Windows | SlidingWindows): TimeWindowedKStream<K, V>
  /** Aggregates by sessions. */
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>

  /** Begins an aggregation over several streams. */
  cogroup<VOut>(aggregator: Aggregator<K, V, VOut>): CogroupedKStream<K, VOut>
}
