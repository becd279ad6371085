import { InvariantError } from '../../errors.ts'
import { type Graph, GraphEdit } from '../graph.ts'
import { type NodeId, ROOT, type StreamStreamJoinNode } from '../graph-node.ts'

/** A stream joined with itself keeps one store of its records, not two. @see KIP-862 */
export function singleStoreSelfJoin(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  const visited = new Set<NodeId>()

  function visit(id: NodeId): void {
    visited.add(id)
    const node = edit.node(id)
    if (node.kind === 'stream-stream-join') rewrite(edit, node)
    for (const child of edit.childrenOf(id)) if (!visited.has(child)) visit(child)
  }

  visit(ROOT)
  return edit.graph()
}

function rewrite(edit: GraphEdit, join: StreamStreamJoinNode): void {
  const parents = edit.parentsOf(join.id)
  if (parents.length !== 1) return
  const parent = parents[0]!
  const windows = edit.childrenOf(parent).filter((child) => {
    const node = edit.node(child)
    return node.kind === 'operator' && node.isJoinWindow === true && edit.priority(child) < edit.priority(join.id)
  })
  const left = windows.find((child) => edit.node(child).name === join.leftWindowName)
  const right = windows.find((child) => edit.node(child).name === join.rightWindowName)
  if (left === undefined || right === undefined || edit.priority(left) >= edit.priority(right)) {
    throw new InvariantError(`The windows of self-join '${join.name}' are not where they were put.`)
  }
  edit.removeChild(parent, right)
  edit.replaceNode({ ...join, isSelfJoin: true })
}
