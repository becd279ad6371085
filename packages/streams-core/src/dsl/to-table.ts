import { ktableSource } from '../processors/ktable-source.ts'
import type { KStreamImpl } from './kstream-impl.ts'
import type { KTable } from './ktable.ts'
import { KTableImpl } from './ktable-impl.ts'
import { givenStoreName, isVersioned, saysStore, storeNameOr, tableStore } from './materialization.ts'
import type { Materialized } from './materialized.ts'
import { nameOr } from './names.ts'
import { repartitionNode } from './repartition-source.ts'
import { forgotten, orElse } from './serde-refs.ts'
import { addTableOperator } from './table-node.ts'

/** The stream read as a table; through a repartition topic where its key was changed. */
export function toTable<K, V>(
  stream: KStreamImpl<K, V>,
  materialized: Materialized<K, NonNullable<V>> | undefined,
): KTable<K, NonNullable<V>> {
  const { graph, state } = stream
  const name = nameOr(graph, materialized?.name, 'KSTREAM-TOTABLE-')
  const queryableStoreName = givenStoreName(materialized)
  const storeName = storeNameOr(graph, materialized, 'KSTREAM-TOTABLE-')
  const keySerde = orElse(materialized?.keySerde, state.keySerde)
  const valueSerde = orElse(materialized?.valueSerde, state.valueSerde)

  let { node: parent, sourceNames } = state
  if (state.repartitionRequired) {
    const isNamedByUser = materialized?.name !== undefined
    const node = repartitionNode(graph, { topicPrefix: name, isNamedByUser, keySerde, valueSerde, optimizable: true })
    parent = graph.addNode(node)
    graph.connect([state.node], parent)
    sourceNames = new Set([node.sourceName])
  }
  // As in Java, settings of the store without serdes mean the default ones, not the stream's.
  const inStore = saysStore(materialized) ? forgotten : <T>(ref: T) => ref
  const { node, table } = addTableOperator(graph, [parent], {
    name,
    shape: { kind: 'source', storeName, queryable: queryableStoreName !== undefined },
    store: tableStore(
      storeName,
      materialized,
      orElse(materialized?.keySerde, inStore(state.keySerde)),
      orElse(materialized?.valueSerde, inStore(state.valueSerde)),
    ),
    operator: (facts) => ktableSource(facts),
    traits: { outputVersioned: isVersioned(materialized) },
  })
  return new KTableImpl<K, NonNullable<V>>(
    graph,
    { name, node, sourceNames, keySerde, valueSerde },
    table,
    queryableStoreName,
  )
}
