import { type Graph, GraphEdit } from '../graph.ts'

/** Tables read from a topic use that topic as their changelog, in place of one more. */
export function reuseKTableSourceTopics(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  for (const node of graph.nodes.values()) {
    if (node.kind === 'table-source') edit.replaceNode({ ...node, reusesTopic: true })
  }
  return edit.graph()
}
