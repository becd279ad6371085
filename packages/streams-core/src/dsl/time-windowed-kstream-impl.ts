import { Serdes } from '@millrace/serdes'
import { TopologyError } from '../errors.ts'
import type { Aggregator, Initializer, Reducer } from '../processors/functions.ts'
import { kstreamSlidingWindowAggregate } from '../processors/kstream-sliding-window-aggregate.ts'
import { kstreamWindowAggregate } from '../processors/kstream-window-aggregate.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import { SlidingWindows } from '../windows/sliding-windows.ts'
import { UnlimitedWindows } from '../windows/unlimited-windows.ts'
import type { Windowed } from '../windows/window.ts'
import type { Windows } from '../windows/windows.ts'
import { count, zero } from './counting.ts'
import type { KTable } from './ktable.ts'
import { givenStoreName, saysStore, storeNameOr } from './materialization.ts'
import type { WindowMaterialized } from './materialized.ts'
import { nameOr, Prefix } from './names.ts'
import { reducing } from './reducing.ts'
import { noSerde, orElse } from './serde-refs.ts'
import type { GroupedStream } from './stream-aggregation.ts'
import type { TimeWindowedKStream } from './time-windowed-kstream.ts'
import { timeWindowedKey, windowStore } from './window-store.ts'

/** @see org.apache.kafka.streams.kstream.internals.TimeWindowedKStreamImpl, SlidingWindowedKStreamImpl */
export class TimeWindowedKStreamImpl<K, V> implements TimeWindowedKStream<K, V> {
  readonly #grouped: GroupedStream
  readonly #windows: Windows | SlidingWindows
  readonly #emitStrategy: EmitStrategy

  constructor(grouped: GroupedStream, windows: Windows | SlidingWindows, emitStrategy: EmitStrategy) {
    this.#grouped = grouped
    this.#windows = windows
    this.#emitStrategy = emitStrategy
  }

  count(materialized?: WindowMaterialized<K, number>): KTable<Windowed<K>, number> {
    const isUnnamed = saysStore(materialized) && givenStoreName(materialized) === undefined
    if (isUnnamed && !(this.#windows instanceof SlidingWindows)) {
      this.#grouped.graph.newStoreName(Prefix.streamAggregate)
    }
    const withSerde = { ...materialized, valueSerde: materialized?.valueSerde ?? Serdes.int64() }
    return this.#aggregate(Prefix.streamAggregate, zero, count, withSerde)
  }

  reduce(reducer: Reducer<V>, materialized?: WindowMaterialized<K, V>): KTable<Windowed<K>, V> {
    const { initializer, aggregator } = reducing(reducer)
    return this.#aggregate(Prefix.streamReduce, initializer, aggregator, materialized, true)
  }

  aggregate<VOut>(
    initializer: Initializer<VOut>,
    aggregator: Aggregator<K, V, VOut>,
    materialized?: WindowMaterialized<K, VOut>,
  ): KTable<Windowed<K>, VOut> {
    return this.#aggregate(Prefix.streamAggregate, initializer, aggregator, materialized)
  }

  emitStrategy(strategy: EmitStrategy): TimeWindowedKStream<K, V> {
    if (this.#windows instanceof UnlimitedWindows && strategy === 'onWindowClose') {
      throw new TopologyError(
        `Unlimited windows of '${this.#grouped.state.name}' never close: with emit strategy onWindowClose there would be no results. Use onWindowUpdate.`,
      )
    }
    return new TimeWindowedKStreamImpl(this.#grouped, this.#windows, strategy)
  }

  #aggregate<A, VOut>(
    prefix: string,
    initializer: Initializer<A>,
    aggregator: Aggregator<K, V, A>,
    materialized: WindowMaterialized<K, VOut> | undefined,
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
      store: windowStore(storeName, materialized, windows, emitStrategy, keySerde, valueSerde),
      queryableStoreName,
      operator({ sendOldValues }, { javaQuirks: quirks }) {
        const options = { storeName, emitStrategy, initializer, aggregator, sendOldValues, quirks }
        return windows instanceof SlidingWindows
          ? kstreamSlidingWindowAggregate({ ...options, windows })
          : kstreamWindowAggregate({ ...options, windows })
      },
      traits: { outputVersioned: false, graceMs: windows.gracePeriodMs },
      keySerde: timeWindowedKey(keySerde, windows),
      valueSerde,
    })
  }
}
