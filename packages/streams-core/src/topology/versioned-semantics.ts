import { TopologyError } from '../errors.ts'
import type { Graph } from './graph.ts'
import { type NodeId, ROOT } from './graph-node.ts'

/**
 * Which inputs are versioned tables, for the operators that treat those differently: by operator name, the names of its inputs.
 * @throws TopologyError for a suppression of a versioned table
 * @see KIP-914
 */
export function findVersionedParents(graph: Graph): ReadonlyMap<string, ReadonlySet<string>> {
  const known = new Map<NodeId, boolean>()

  function isVersioned(id: NodeId): boolean {
    const versioned = known.get(id) ?? graph.nodes.get(id)!.outputVersioned ?? isVersionedAbove(id)
    known.set(id, versioned)
    return versioned
  }

  function isVersionedAbove(id: NodeId): boolean {
    return id !== ROOT && [...graph.parents.get(id)!].every(isVersioned)
  }

  const versionedParents = new Map<string, ReadonlySet<string>>()
  for (const node of graph.nodes.values()) {
    if (node.kind === 'table-table-join' || (node.kind === 'operator' && node.heedsVersions)) {
      const parents = [...graph.parents.get(node.id)!].filter(isVersioned)
      versionedParents.set(node.name, new Set(parents.map((id) => graph.nodes.get(id)!.name)))
    }
    if (node.kind === 'operator' && node.isSuppression && isVersionedAbove(node.id))
      throw versionedSuppression(node.name)
  }
  return versionedParents
}

/** The error for a suppression of a versioned table. */
export function versionedSuppression(name: string): TopologyError {
  return new TopologyError(
    `suppress() '${name}' follows a versioned table, whose updates may come out of order. Suppress a table without versions.`,
  )
}
