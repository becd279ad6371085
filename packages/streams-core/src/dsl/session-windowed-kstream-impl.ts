import { Serdes } from '@millrace/serdes'
import type { Aggregator, Initializer, Merger, Reducer } from '../processors/functions.ts'
import { kstreamSessionWindowAggregate } from '../processors/kstream-session-window-aggregate.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { SessionWindows } from '../windows/session-windows.ts'
import type { Windowed } from '../windows/window.ts'
import { count, sum, zero } from './counting.ts'
import type { KTable } from './ktable.ts'
import { givenStoreName, saysStore, storeNameOr } from './materialization.ts'
import type { SessionMaterialized } from './materialized.ts'
import { nameOr, Prefix } from './names.ts'
import { reducing } from './reducing.ts'
import { noSerde, orElse } from './serde-refs.ts'
import type { SessionWindowedKStream } from './session-windowed-kstream.ts'
import type { GroupedStream } from './stream-aggregation.ts'
import { sessionStore, sessionWindowedKey } from './window-store.ts'

/** How values become aggregates, and aggregates of two sessions one. */
interface SessionFunctions<K, V, A> {
  readonly initializer: Initializer<A>
  readonly aggregator: Aggregator<K, V, A>
  readonly merger: Merger<K, A>
}

/** @see org.apache.kafka.streams.kstream.internals.SessionWindowedKStreamImpl */
export class SessionWindowedKStreamImpl<K, V> implements SessionWindowedKStream<K, V> {
  readonly #grouped: GroupedStream
  readonly #windows: SessionWindows
  readonly #emitStrategy: EmitStrategy

  constructor(grouped: GroupedStream, windows: SessionWindows, emitStrategy: EmitStrategy) {
    this.#grouped = grouped
    this.#windows = windows
    this.#emitStrategy = emitStrategy
  }

  count(materialized?: SessionMaterialized<K, number>): KTable<Windowed<K>, number> {
    if (saysStore(materialized) && givenStoreName(materialized) === undefined) {
      this.#grouped.graph.newStoreName(Prefix.streamAggregate)
    }
    const withSerde = { ...materialized, valueSerde: materialized?.valueSerde ?? Serdes.int64() }
    const functions = { initializer: zero, aggregator: count, merger: sum }
    return this.#aggregate(Prefix.streamAggregate, functions, withSerde)
  }

  reduce(reducer: Reducer<V>, materialized?: SessionMaterialized<K, V>): KTable<Windowed<K>, V> {
    return this.#aggregate(Prefix.streamReduce, reducing<K, V>(reducer), materialized, true)
  }

  aggregate<VOut>(
    initializer: Initializer<VOut>,
    aggregator: Aggregator<K, V, VOut>,
    merger: Merger<K, VOut>,
    materialized?: SessionMaterialized<K, VOut>,
  ): KTable<Windowed<K>, VOut> {
    return this.#aggregate(Prefix.streamAggregate, { initializer, aggregator, merger }, materialized)
  }

  emitStrategy(strategy: EmitStrategy): SessionWindowedKStream<K, V> {
    return new SessionWindowedKStreamImpl(this.#grouped, this.#windows, strategy)
  }

  #aggregate<A, VOut>(
    prefix: string,
    functions: SessionFunctions<K, V, A>,
    materialized: SessionMaterialized<K, VOut> | undefined,
    keepsValues = false,
  ): KTable<Windowed<K>, VOut> {
    const { graph, state } = this.#grouped
    const windows = this.#windows
    const emitStrategy = this.#emitStrategy
    const queryableStoreName = givenStoreName(materialized)
    const storeName = storeNameOr(graph, materialized, prefix)
    const name = nameOr(graph, materialized?.name, prefix)
    const keySerde = orElse(materialized?.keySerde, state.keySerde)
    const valueSerde = orElse(materialized?.valueSerde, keepsValues ? state.valueSerde : noSerde)
    return this.#grouped.aggregateInto<Windowed<K>, VOut>({
      name,
      store: sessionStore(storeName, materialized, windows, emitStrategy, keySerde, valueSerde),
      queryableStoreName,
      operator: ({ sendOldValues }, { javaQuirks: quirks }) =>
        kstreamSessionWindowAggregate({ ...functions, windows, storeName, emitStrategy, sendOldValues, quirks }),
      traits: { outputVersioned: false, graceMs: windows.gracePeriodMs + windows.inactivityGapMs },
      keySerde: sessionWindowedKey(keySerde),
      valueSerde,
    })
  }
}
