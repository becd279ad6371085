import { Serdes } from '@millrace/serdes'
import type { Aggregator, Initializer, Reducer } from '../processors/functions.ts'
import { ktableAggregate } from '../processors/ktable-aggregate.ts'
import { ktableReduce } from '../processors/ktable-reduce.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId } from '../topology/graph-node.ts'
import { REPARTITION_SUFFIX } from '../topology/node-names.ts'
import { count, uncount, zero } from './counting.ts'
import { DslStream } from './dsl-stream.ts'
import type { GroupedState } from './grouped-state.ts'
import type { StoreFacts } from './kgrouped-stream-impl.ts'
import type { KGroupedTable } from './kgrouped-table.ts'
import type { KTable } from './ktable.ts'
import { KTableImpl } from './ktable-impl.ts'
import { givenStoreName, isVersioned, storeNameOr, tableStore } from './materialization.ts'
import type { Materialized } from './materialized.ts'
import { nameOr, Prefix, suffixedNameOr } from './names.ts'
import { noSerde, orElse } from './serde-refs.ts'
import { addTableOperator } from './table-node.ts'

/** @see org.apache.kafka.streams.kstream.internals.KGroupedTableImpl */
export class KGroupedTableImpl<K, V> extends DslStream implements KGroupedTable<K, V> {
  declare readonly state: GroupedState
  #repartition: NodeId | undefined

  constructor(graph: GraphEdit, state: GroupedState) {
    super(graph, state)
  }

  count(materialized?: Materialized<K, number>): KTable<K, number> {
    const withSerde = { ...materialized, valueSerde: materialized?.valueSerde ?? Serdes.int64() }
    return this.#aggregate(Prefix.tableAggregate, withSerde, (facts) =>
      ktableAggregate({ ...facts, initializer: zero, adder: count, subtractor: uncount }),
    )
  }

  reduce(adder: Reducer<V>, subtractor: Reducer<V>, materialized?: Materialized<K, V>): KTable<K, V> {
    const make = (facts: StoreFacts) => ktableReduce({ ...facts, adder, subtractor })
    return this.#aggregate(Prefix.tableReduce, materialized, make, true)
  }

  aggregate<VOut>(
    initializer: Initializer<VOut>,
    adder: Aggregator<K, V, VOut>,
    subtractor: Aggregator<K, V, VOut>,
    materialized?: Materialized<K, VOut>,
  ): KTable<K, VOut> {
    return this.#aggregate(Prefix.tableAggregate, materialized, (facts) =>
      ktableAggregate({ ...facts, initializer, adder, subtractor }),
    )
  }

  #aggregate<VOut>(
    prefix: string,
    materialized: Materialized<K, VOut> | undefined,
    make: (facts: StoreFacts) => unknown,
    keepsValues = false,
  ): KTable<K, VOut> {
    const { graph, state } = this
    const queryableStoreName = givenStoreName(materialized)
    // Java names the stores of reductions as those of aggregations.
    const storeName = storeNameOr(graph, materialized, Prefix.tableAggregate)
    const sinkName = suffixedNameOr(graph, materialized?.name, '-sink', Prefix.streamSink)
    const sourceName = suffixedNameOr(graph, materialized?.name, '-source', Prefix.streamSource)
    const name = nameOr(graph, materialized?.name, prefix)
    const keySerde = orElse(materialized?.keySerde, state.keySerde)
    const valueSerde = orElse(materialized?.valueSerde, keepsValues ? state.valueSerde : noSerde)
    const repartition = this.#repartitionInto((state.topicName ?? storeName) + REPARTITION_SUFFIX, sinkName, sourceName)
    const { node, table } = addTableOperator(graph, [repartition], {
      name,
      shape: { kind: 'aggregate', storeName },
      store: tableStore(storeName, materialized, keySerde, valueSerde),
      operator: ({ sendOldValues }) => make({ storeName, sendOldValues }),
      traits: { outputVersioned: isVersioned(materialized) },
    })
    const sourceNames = new Set([sourceName])
    return new KTableImpl<K, VOut>(graph, { name, node, sourceNames, keySerde, valueSerde }, table, queryableStoreName)
  }

  /** A topic to which the user gave a name serves all aggregations of the grouping. */
  #repartitionInto(topic: string, sinkName: string, sourceName: string): NodeId {
    const { graph, state } = this
    if (this.#repartition === undefined || state.topicName === undefined) {
      this.#repartition = graph.addNode({
        kind: 'repartition',
        name: sourceName,
        optimizable: false,
        sinkName,
        sourceName,
        filterName: undefined,
        dropsNullKeys: false,
        topic,
        partitions: undefined,
        keySerde: state.keySerde,
        valueSerde: state.valueSerde,
        carriesChanges: true,
        partitioner: undefined,
      })
    }
    graph.connect([state.node], this.#repartition)
    return this.#repartition
  }
}
