import type { Aggregator, Initializer, Merger } from '../processors/functions.ts'
import { kstreamAggregate } from '../processors/kstream-aggregate.ts'
import { kstreamSessionWindowAggregate } from '../processors/kstream-session-window-aggregate.ts'
import { kstreamSlidingWindowAggregate } from '../processors/kstream-sliding-window-aggregate.ts'
import { kstreamWindowAggregate } from '../processors/kstream-window-aggregate.ts'
import { SessionWindows } from '../windows/session-windows.ts'
import { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Windowed } from '../windows/window.ts'
import type { Windows } from '../windows/windows.ts'
import { Cogroup, type CogroupedInput } from './cogroup.ts'
import type {
  CogroupedKStream,
  SessionWindowedCogroupedKStream,
  TimeWindowedCogroupedKStream,
} from './cogrouped-kstream.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import type { KTable } from './ktable.ts'
import { givenStoreName, isVersioned, storeNameOr, tableStore } from './materialization.ts'
import type { Materialized, SessionMaterialized, WindowMaterialized } from './materialized.ts'
import { noSerde, orElse } from './serde-refs.ts'
import type { GroupedStream } from './stream-aggregation.ts'
import { sessionStore, sessionWindowedKey, timeWindowedKey, windowStore } from './window-store.ts'

const PREFIX = 'COGROUPKSTREAM-AGGREGATE-'

/** @see org.apache.kafka.streams.kstream.internals.CogroupedKStreamImpl */
export class CogroupedKStreamImpl<K, VOut> implements CogroupedKStream<K, VOut> {
  readonly #cogroup: Cogroup

  private constructor(cogroup: Cogroup) {
    this.#cogroup = cogroup
  }

  static of<K, V, VOut>(grouped: GroupedStream, aggregator: Aggregator<K, V, VOut>): CogroupedKStreamImpl<K, VOut> {
    return new CogroupedKStreamImpl(Cogroup.of(grouped, aggregator as CogroupedInput['aggregator']))
  }

  cogroup<V>(grouped: KGroupedStream<K, V>, aggregator: Aggregator<K, V, VOut>): CogroupedKStream<K, VOut> {
    const stream = grouped as unknown as GroupedStream
    return new CogroupedKStreamImpl(this.#cogroup.with(stream, aggregator as CogroupedInput['aggregator']))
  }

  aggregate(initializer: Initializer<VOut>, materialized?: Materialized<K, VOut>): KTable<K, VOut> {
    const cogroup = this.#cogroup
    const storeName = storeNameOr(cogroup.graph, materialized, PREFIX)
    const keySerde = orElse(materialized?.keySerde, cogroup.keySerde)
    const valueSerde = orElse(materialized?.valueSerde, noSerde)
    return cogroup.aggregateInto<K, VOut>({
      name: materialized?.name,
      store: tableStore(storeName, materialized, keySerde, valueSerde),
      queryableStoreName: givenStoreName(materialized),
      operator: ({ aggregator }, { sendOldValues }) =>
        kstreamAggregate({ storeName, initializer, aggregator, sendOldValues }),
      traits: { outputVersioned: isVersioned(materialized) },
      keySerde,
      valueSerde,
    })
  }

  windowedBy(windows: Windows | SlidingWindows): TimeWindowedCogroupedKStream<K, VOut>
  windowedBy(windows: SessionWindows): SessionWindowedCogroupedKStream<K, VOut>
  windowedBy(
    windows: Windows | SlidingWindows | SessionWindows,
  ): TimeWindowedCogroupedKStream<K, VOut> | SessionWindowedCogroupedKStream<K, VOut> {
    if (windows instanceof SessionWindows) return new SessionWindowedCogroupedKStreamImpl(this.#cogroup, windows)
    return new TimeWindowedCogroupedKStreamImpl(this.#cogroup, windows)
  }
}

/** @see org.apache.kafka.streams.kstream.internals.TimeWindowedCogroupedKStreamImpl, SlidingWindowedCogroupedKStreamImpl */
class TimeWindowedCogroupedKStreamImpl<K, VOut> implements TimeWindowedCogroupedKStream<K, VOut> {
  readonly #cogroup: Cogroup
  readonly #windows: Windows | SlidingWindows

  constructor(cogroup: Cogroup, windows: Windows | SlidingWindows) {
    this.#cogroup = cogroup
    this.#windows = windows
  }

  aggregate(initializer: Initializer<VOut>, materialized?: WindowMaterialized<K, VOut>): KTable<Windowed<K>, VOut> {
    const cogroup = this.#cogroup
    const windows = this.#windows
    const emitStrategy = 'onWindowUpdate'
    const storeName = storeNameOr(cogroup.graph, materialized, PREFIX)
    const keySerde = orElse(materialized?.keySerde, cogroup.keySerde)
    const valueSerde = orElse(materialized?.valueSerde, noSerde)
    return cogroup.aggregateInto<Windowed<K>, VOut>({
      name: materialized?.name,
      store: windowStore(storeName, materialized, windows, emitStrategy, keySerde, valueSerde),
      queryableStoreName: givenStoreName(materialized),
      operator({ aggregator }, { sendOldValues }, { javaQuirks: quirks }) {
        const options = { storeName, emitStrategy, initializer, aggregator, sendOldValues, quirks } as const
        return windows instanceof SlidingWindows
          ? kstreamSlidingWindowAggregate({ ...options, windows })
          : kstreamWindowAggregate({ ...options, windows })
      },
      traits: { graceMs: windows.gracePeriodMs },
      keySerde: timeWindowedKey(keySerde, windows),
      valueSerde,
    })
  }
}

/** @see org.apache.kafka.streams.kstream.internals.SessionWindowedCogroupedKStreamImpl */
class SessionWindowedCogroupedKStreamImpl<K, VOut> implements SessionWindowedCogroupedKStream<K, VOut> {
  readonly #cogroup: Cogroup
  readonly #windows: SessionWindows

  constructor(cogroup: Cogroup, windows: SessionWindows) {
    this.#cogroup = cogroup
    this.#windows = windows
  }

  aggregate(
    initializer: Initializer<VOut>,
    merger: Merger<K, VOut>,
    materialized?: SessionMaterialized<K, VOut>,
  ): KTable<Windowed<K>, VOut> {
    const cogroup = this.#cogroup
    const windows = this.#windows
    const emitStrategy = 'onWindowUpdate'
    const storeName = storeNameOr(cogroup.graph, materialized, PREFIX)
    const keySerde = orElse(materialized?.keySerde, cogroup.keySerde)
    const valueSerde = orElse(materialized?.valueSerde, noSerde)
    return cogroup.aggregateInto<Windowed<K>, VOut>({
      name: materialized?.name,
      store: sessionStore(storeName, materialized, windows, emitStrategy, keySerde, valueSerde),
      queryableStoreName: givenStoreName(materialized),
      operator: ({ aggregator }, { sendOldValues }, { javaQuirks: quirks }) =>
        kstreamSessionWindowAggregate({
          windows,
          storeName,
          emitStrategy,
          initializer,
          aggregator,
          merger: merger as Merger<unknown, unknown>,
          sendOldValues,
          quirks,
        }),
      traits: { graceMs: windows.gracePeriodMs + windows.inactivityGapMs },
      keySerde: sessionWindowedKey(keySerde),
      valueSerde,
    })
  }
}
