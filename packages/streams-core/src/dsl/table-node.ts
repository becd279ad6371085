import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId, OperatorNode } from '../topology/graph-node.ts'
import type { StoreSpec } from '../topology/store-spec.ts'
import type { AnyTableOperator, TableFacts, TableId } from '../topology/table-facts.ts'
import type { TableShape } from '../topology/tables.ts'
import type { WriteContext } from '../topology/write-context.ts'

/** A table that one operator makes. */
export interface TableRecipe {
  readonly name: string
  readonly shape: TableShape
  /** Brought along where the table turns out to have a store. */
  readonly store: StoreSpec | undefined
  /** Made when it is known who reads the table. */
  readonly operator: (facts: TableFacts, context: WriteContext) => unknown
  /** Stores which others bring. */
  readonly stateStoreNames?: readonly string[] | undefined
  readonly traits?: Partial<OperatorNode>
}

/** A table's numbers: as a node of the graph and among its tables. */
export interface TableIds {
  readonly node: NodeId
  readonly table: TableId
}

/** Adds a table and the operator that makes it. */
export function addTableOperator(graph: GraphEdit, parents: readonly NodeId[], recipe: TableRecipe): TableIds {
  const { name, shape, store, stateStoreNames = [], traits } = recipe
  const table = graph.addTable({
    shape,
    operator: (context) => recipe.operator(context.table(table), context) as AnyTableOperator,
  })
  const node = graph.addNode({
    ...traits,
    kind: 'operator',
    name,
    processor: {
      name,
      supplier: (context) => context.operator(table).supplier,
      stores: (context) => (store === undefined || context.table(table).storeName === undefined ? [] : [store]),
      connects: () => stateStoreNames,
    },
  })
  graph.connect(parents, node)
  return { node, table }
}
