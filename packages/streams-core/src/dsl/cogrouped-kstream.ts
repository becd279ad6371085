import type { Aggregator, Initializer, Merger } from '../processors/functions.ts'
import type { SessionWindows } from '../windows/session-windows.ts'
import type { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Windowed } from '../windows/window.ts'
import type { Windows } from '../windows/windows.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import type { KTable } from './ktable.ts'
import type { Materialized, SessionMaterialized, WindowMaterialized } from './materialized.ts'

/**
 * Several grouped streams with one aggregate for each key. Each stream has an aggregator of its own.
 * @see org.apache.kafka.streams.kstream.CogroupedKStream, KIP-150
 */
export interface CogroupedKStream<K, VOut> {
  /** Adds a stream. Topics need equal numbers of partitions. */
  cogroup<V>(grouped: KGroupedStream<K, V>, aggregator: Aggregator<K, V, VOut>): CogroupedKStream<K, VOut>

  /** The aggregate of all streams' records of each key. */
  aggregate(initializer: Initializer<VOut>, materialized?: Materialized<K, VOut>): KTable<K, VOut>

  /** Aggregates by windows of time. */
  windowedBy(windows: Windows | SlidingWindows): TimeWindowedCogroupedKStream<K, VOut>
  /** Aggregates by sessions. */
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, VOut>
}

/** @see org.apache.kafka.streams.kstream.TimeWindowedCogroupedKStream */
export interface TimeWindowedCogroupedKStream<K, VOut> {
  /** The aggregate of all streams' records of each key and window. */
  aggregate(initializer: Initializer<VOut>, materialized?: WindowMaterialized<K, VOut>): KTable<Windowed<K>, VOut>
}

/** @see org.apache.kafka.streams.kstream.SessionWindowedCogroupedKStream */
export interface SessionWindowedCogroupedKStream<K, VOut> {
  /** The aggregate of all streams' records of each key and session; `merger` joins those of two sessions that become one. */
  aggregate(
    initializer: Initializer<VOut>,
    merger: Merger<K, VOut>,
    materialized?: SessionMaterialized<K, VOut>,
  ): KTable<Windowed<K>, VOut>
}
