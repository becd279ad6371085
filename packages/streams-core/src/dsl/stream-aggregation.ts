import type { NodeId, OperatorNode } from '../topology/graph-node.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'
import type { StoreSpec } from '../topology/store-spec.ts'
import { DslStream } from './dsl-stream.ts'
import type { GroupedStreamState } from './grouped-state.ts'
import { KTableImpl } from './ktable-impl.ts'
import { repartitionNode } from './repartition-source.ts'
import { addTableOperator, type TableRecipe } from './table-node.ts'

/** An aggregation of a grouped stream. */
export interface StreamAggregation {
  readonly name: string
  readonly store: Exclude<StoreSpec, { kind: 'given' }>
  readonly queryableStoreName: string | undefined
  readonly operator: TableRecipe['operator']
  readonly traits: Partial<OperatorNode>
  /** Of the resulting table. */
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
}

/**
 * A grouped stream and what can be aggregated of it: plain, windowed, by sessions. A repartition topic to which the user gave a
 * name serves all aggregations of the grouping.
 * @see org.apache.kafka.streams.kstream.internals.GroupedStreamAggregateBuilder
 */
export class GroupedStream extends DslStream {
  declare readonly state: GroupedStreamState
  #repartition: NodeId | undefined

  aggregateInto<KOut, VOut>(aggregation: StreamAggregation): KTableImpl<KOut, VOut> {
    const { graph, state } = this
    const { name, store, queryableStoreName, operator, traits, keySerde, valueSerde } = aggregation
    let parent = state.node
    let { sourceNames } = state
    if (state.repartitionRequired) {
      const node = repartitionNode(graph, {
        topicPrefix: state.topicName ?? store.name,
        isNamedByUser: state.topicName !== undefined || queryableStoreName !== undefined,
        keySerde: state.keySerde,
        valueSerde: state.valueSerde,
        optimizable: true,
      })
      if (this.#repartition === undefined || state.topicName === undefined) this.#repartition = graph.addNode(node)
      parent = this.#repartition
      graph.connect([state.node], parent)
      sourceNames = new Set([node.sourceName])
    }
    const { node, table } = addTableOperator(graph, [parent], {
      name,
      shape: { kind: 'aggregate', storeName: store.name },
      store,
      operator,
      traits,
    })
    return new KTableImpl<KOut, VOut>(
      graph,
      { name, node, sourceNames, keySerde, valueSerde },
      table,
      queryableStoreName,
    )
  }
}
