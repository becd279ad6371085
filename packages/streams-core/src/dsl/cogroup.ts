import type { Aggregator } from '../processors/functions.ts'
import { passThrough } from '../processors/pass-through.ts'
import { storeValueGetter } from '../processors/value-getter.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId, OperatorNode, SupplierPart } from '../topology/graph-node.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'
import type { StoreSpec } from '../topology/store-spec.ts'
import type { AnyTableOperator, TableFacts } from '../topology/table-facts.ts'
import type { WriteContext } from '../topology/write-context.ts'
import { KTableImpl } from './ktable-impl.ts'
import { suffixedNameOr } from './names.ts'
import { repartitionNode } from './repartition-source.ts'
import { forgotten } from './serde-refs.ts'
import type { GroupedStream } from './stream-aggregation.ts'

/** One stream of a cogroup. */
export interface CogroupedInput {
  readonly stream: GroupedStream
  readonly aggregator: Aggregator<unknown, unknown, unknown>
}

/** An aggregation of all streams of a cogroup. */
export interface CogroupAggregation {
  /** Base of the processors' names. */
  readonly name: string | undefined
  readonly store: Exclude<StoreSpec, { kind: 'given' }>
  readonly queryableStoreName: string | undefined
  /** Makes the operator of one stream. */
  readonly operator: (input: CogroupedInput, facts: TableFacts, context: WriteContext) => unknown
  readonly traits: Partial<OperatorNode>
  /** Of the resulting table. */
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
}

/**
 * Grouped streams with an aggregator each: one operator for each stream, all on one store, and one that brings the results together.
 * @see org.apache.kafka.streams.kstream.internals.CogroupedStreamAggregateBuilder
 */
export class Cogroup {
  readonly #inputs: ReadonlyMap<GroupedStream, CogroupedInput>
  /** The node below which each stream's operators go; a repartition is made once for all aggregations. */
  readonly #parents: Map<GroupedStream, NodeId>

  private constructor(inputs: ReadonlyMap<GroupedStream, CogroupedInput>, parents: Map<GroupedStream, NodeId>) {
    this.#inputs = inputs
    this.#parents = parents
  }

  static of(stream: GroupedStream, aggregator: CogroupedInput['aggregator']): Cogroup {
    return new Cogroup(new Map([[stream, { stream, aggregator }]]), new Map())
  }

  with(stream: GroupedStream, aggregator: CogroupedInput['aggregator']): Cogroup {
    return new Cogroup(new Map([...this.#inputs, [stream, { stream, aggregator }]]), this.#parents)
  }

  get graph(): GraphEdit {
    return this.#first.graph
  }

  /** Java does not take a cogroup's key serde from its streams. */
  get keySerde(): SerdeRef {
    return forgotten(this.#first.state.keySerde)
  }

  aggregateInto<KOut, VOut>(aggregation: CogroupAggregation): KTableImpl<KOut, VOut> {
    const { name: given, store, queryableStoreName, operator, traits, keySerde, valueSerde } = aggregation
    const { graph } = this
    this.#repartition(store.name, queryableStoreName !== undefined)
    const table = graph.addTable({
      shape: { kind: 'aggregate', storeName: store.name },
      operator: () => ({ supplier: passThrough(), getter: storeValueGetter(store.name) }) as AnyTableOperator,
    })
    const operators = [...this.#inputs.values()].map((input, i) => {
      const name = suffixedNameOr(graph, given, `-cogroup-agg-${i}`, 'COGROUPKSTREAM-AGGREGATE-')
      const supplier = (context: WriteContext) =>
        (operator(input, context.table(table), context) as AnyTableOperator).supplier as SupplierPart
      const processor = { name, supplier, stores: () => [store] }
      const node = graph.addNode({ ...traits, kind: 'operator', name, processor })
      graph.connect([this.#parents.get(input.stream)!], node)
      return node
    })
    const name = suffixedNameOr(graph, given, '-cogroup-merge', 'COGROUPKSTREAM-MERGE-')
    const processor = { name, supplier: (context: WriteContext) => context.operator(table).supplier }
    const node = graph.addNode({ kind: 'operator', name, processor })
    graph.connect(operators, node)
    const sourceNames = new Set([name])
    return new KTableImpl<KOut, VOut>(
      graph,
      { name, node, sourceNames, keySerde, valueSerde },
      table,
      queryableStoreName,
    )
  }

  get #first(): GroupedStream {
    return this.#inputs.keys().next().value!
  }

  #repartition(storeName: string, storeIsNamed: boolean): void {
    for (const stream of this.#inputs.keys()) {
      const { graph, state } = stream
      if (!state.repartitionRequired) {
        this.#parents.set(stream, state.node)
        continue
      }
      const node = repartitionNode(graph, {
        topicPrefix: state.topicName ?? storeName,
        isNamedByUser: state.topicName !== undefined || storeIsNamed,
        keySerde: state.keySerde,
        valueSerde: state.valueSerde,
        optimizable: true,
      })
      if (this.#parents.has(stream)) continue
      const id = graph.addNode(node)
      graph.connect([state.node], id)
      this.#parents.set(stream, id)
    }
    const [first, ...others] = [...this.#parents.keys()]
    first!.copartitionWith(...others)
  }
}
