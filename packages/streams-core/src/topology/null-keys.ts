import { type Graph, GraphEdit } from './graph.ts'
import { type NodeId, ROOT } from './graph-node.ts'

/**
 * Lets repartitions drop records with null keys, except where a left or outer join below keeps them.
 * @see KIP-962
 */
export function dropNullKeysAtRepartitions(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  const kept = new Set<NodeId>()
  const visited = new Set<NodeId>()

  function visit(id: NodeId): void {
    if (visited.has(id)) return
    for (const child of graph.children.get(id)!) {
      visit(child)
      if (graph.nodes.get(child)!.keepsNullKeys || kept.has(child)) kept.add(id)
    }
    visited.add(id)
  }

  visit(ROOT)
  for (const id of visited) {
    const node = graph.nodes.get(id)!
    if (node.kind === 'repartition' && !kept.has(id)) edit.replaceNode({ ...node, dropsNullKeys: true })
  }
  return edit.graph()
}
