import { Serdes } from '@millrace/serdes'
import type { Aggregator, Initializer, Reducer } from '../processors/functions.ts'
import { kstreamAggregate } from '../processors/kstream-aggregate.ts'
import { kstreamReduce } from '../processors/kstream-reduce.ts'
import type { GraphEdit } from '../topology/graph.ts'
import { SessionWindows } from '../windows/session-windows.ts'
import type { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Windows } from '../windows/windows.ts'
import type { CogroupedKStream } from './cogrouped-kstream.ts'
import { CogroupedKStreamImpl } from './cogrouped-kstream-impl.ts'
import { count, zero } from './counting.ts'
import type { GroupedStreamState } from './grouped-state.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import type { KTable } from './ktable.ts'
import { givenStoreName, isVersioned, saysStore, storeNameOr, tableStore } from './materialization.ts'
import type { Materialized } from './materialized.ts'
import { nameOr, Prefix } from './names.ts'
import { noSerde, orElse } from './serde-refs.ts'
import type { SessionWindowedKStream } from './session-windowed-kstream.ts'
import { SessionWindowedKStreamImpl } from './session-windowed-kstream-impl.ts'
import { GroupedStream } from './stream-aggregation.ts'
import type { TableRecipe } from './table-node.ts'
import type { TimeWindowedKStream } from './time-windowed-kstream.ts'
import { TimeWindowedKStreamImpl } from './time-windowed-kstream-impl.ts'

/** @see org.apache.kafka.streams.kstream.internals.KGroupedStreamImpl */
export class KGroupedStreamImpl<K, V> extends GroupedStream implements KGroupedStream<K, V> {
  constructor(graph: GraphEdit, state: GroupedStreamState) {
    super(graph, state)
  }

  count(materialized?: Materialized<K, number>): KTable<K, number> {
    const { graph } = this
    if (saysStore(materialized) && givenStoreName(materialized) === undefined) {
      graph.newStoreName(Prefix.streamAggregate)
    }
    const withSerde = { ...materialized, valueSerde: materialized?.valueSerde ?? Serdes.int64() }
    return this.#aggregate(Prefix.streamAggregate, withSerde, (facts) =>
      kstreamAggregate({ ...facts, initializer: zero, aggregator: count }),
    )
  }

  reduce(reducer: Reducer<V>, materialized?: Materialized<K, V>): KTable<K, V> {
    const make = (facts: StoreFacts) => kstreamReduce({ ...facts, reducer })
    return this.#aggregate(Prefix.streamReduce, materialized, make, true)
  }

  aggregate<VOut>(
    initializer: Initializer<VOut>,
    aggregator: Aggregator<K, V, VOut>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut> {
    return this.#aggregate(Prefix.streamAggregate, materialized, (facts) =>
      kstreamAggregate({ ...facts, initializer, aggregator }),
    )
  }

  windowedBy(windows: Windows | SlidingWindows): TimeWindowedKStream<K, V>
  windowedBy(windows: SessionWindows): SessionWindowedKStream<K, V>
  windowedBy(
    windows: Windows | SlidingWindows | SessionWindows,
  ): TimeWindowedKStream<K, V> | SessionWindowedKStream<K, V> {
    if (windows instanceof SessionWindows) return new SessionWindowedKStreamImpl(this, windows, 'onWindowUpdate')
    return new TimeWindowedKStreamImpl(this, windows, 'onWindowUpdate')
  }

  cogroup<VOut>(aggregator: Aggregator<K, V, VOut>): CogroupedKStream<K, VOut> {
    return CogroupedKStreamImpl.of(this, aggregator)
  }

  #aggregate<VOut>(
    prefix: string,
    materialized: Materialized<K, VOut> | undefined,
    make: (facts: StoreFacts) => unknown,
    keepsValues = false,
  ): KTable<K, VOut> {
    const { graph, state } = this
    const queryableStoreName = givenStoreName(materialized)
    const storeName = storeNameOr(graph, materialized, prefix)
    const name = nameOr(graph, materialized?.name, prefix)
    const keySerde = orElse(materialized?.keySerde, state.keySerde)
    const valueSerde = orElse(materialized?.valueSerde, keepsValues ? state.valueSerde : noSerde)
    return this.aggregateInto<K, VOut>({
      name,
      store: tableStore(storeName, materialized, keySerde, valueSerde),
      queryableStoreName,
      operator: ({ sendOldValues }) => make({ storeName, sendOldValues }),
      traits: { outputVersioned: isVersioned(materialized) },
      keySerde,
      valueSerde,
    })
  }
}

/** What an aggregation with a store is told when it is made. */
export type StoreFacts = { readonly storeName: string } & Pick<Parameters<TableRecipe['operator']>[0], 'sendOldValues'>
