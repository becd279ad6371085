import type { ValueJoiner } from '../processors/functions.ts'
import type { TableJoinKind } from '../processors/joined-value-getter.ts'
import { ktableKtableJoin } from '../processors/ktable-ktable-join.ts'
import { ktableKtableJoinMerger } from '../processors/ktable-ktable-join-merger.ts'
import type { ProcessorPart, SupplierPart } from '../topology/graph-node.ts'
import type { AnyTableOperator } from '../topology/table-facts.ts'
import type { WriteContext } from '../topology/write-context.ts'
import type { KTable } from './ktable.ts'
import { KTableImpl } from './ktable-impl.ts'
import { isVersioned, saysStore, storeNameOr, tableStore } from './materialization.ts'
import type { Materialized } from './materialized.ts'
import { nameOr, suffixedNameOr } from './names.ts'
import { noSerde, orElse } from './serde-refs.ts'

export type { TableJoinKind }

/** Joins two tables on their keys: a processor for the updates of each, and one that brings the results together. */
export function tableTableJoin<K, V, VOther, VOut>(
  left: KTableImpl<K, V>,
  kind: TableJoinKind,
  right: KTableImpl<K, VOther>,
  joiner: ValueJoiner<K, V | null, VOther | null, VOut | null>,
  materialized: Materialized<K, VOut> | undefined,
): KTable<K, VOut> {
  const { graph } = left
  const hasStore = saysStore(materialized)
  const storeName = hasStore ? storeNameOr(graph, materialized, 'KTABLE-MERGE-') : undefined
  const name = nameOr(graph, materialized?.name, 'KTABLE-MERGE-')
  const sourceNames = left.copartitionWith(right)
  if (kind !== 'inner') graph.demand(left.table, 'old-values')
  if (kind === 'outer') graph.demand(right.table, 'old-values')
  for (const side of [left, right]) graph.demand(side.table, 'rows')

  const keySerde = orElse(materialized?.keySerde, left.state.keySerde)
  const valueSerde = orElse(materialized?.valueSerde, noSerde)
  const store = storeName === undefined ? undefined : tableStore(storeName, materialized, keySerde, valueSerde)
  const leftName = suffixedNameOr(graph, materialized?.name, '-join-this', 'KTABLE-JOINTHIS-')
  const rightName = suffixedNameOr(graph, materialized?.name, '-join-other', 'KTABLE-JOINOTHER-')

  const table = graph.addTable({
    shape: { kind: 'joined', left: left.table, right: right.table, storeName },
    operator: (context) =>
      ktableKtableJoinMerger({
        ...context.table(table),
        joined: joinSide('left', left.state.name)(context).getter,
      }) as AnyTableOperator,
  })

  const joinSide = (side: 'left' | 'right', parentName: string) => (context: WriteContext) =>
    ktableKtableJoin({
      side,
      kind,
      joiner: joiner as ValueJoiner<unknown, unknown, unknown, unknown>,
      left: context.getter(left.table),
      right: context.getter(right.table),
      sendOldValues: context.table(table).sendOldValues,
      versionedSemantics: context.isVersioned(name, parentName),
    })
  const part = (side: 'left' | 'right', own: KTableImpl<K, unknown>, other: KTableImpl<K, unknown>): ProcessorPart => ({
    name: side === 'left' ? leftName : rightName,
    supplier: (context) => joinSide(side, own.state.name)(context).supplier as SupplierPart,
    connects: (context) => context.table(other.table).readerStoreNames,
  })

  const node = graph.addNode({
    kind: 'table-table-join',
    name,
    left: part('left', left as KTableImpl<K, unknown>, right as KTableImpl<K, unknown>),
    right: part('right', right as KTableImpl<K, unknown>, left as KTableImpl<K, unknown>),
    merge: {
      name,
      supplier: (context) => context.operator(table).supplier,
      stores: () => (store === undefined ? [] : [store]),
    },
    leftParentName: left.state.name,
    rightParentName: right.state.name,
    outputVersioned: isVersioned(materialized),
  })
  graph.connect([left.state.node], node)
  graph.connect([right.state.node], node)
  return new KTableImpl<K, VOut>(graph, { name, node, sourceNames, keySerde, valueSerde }, table, storeName)
}
