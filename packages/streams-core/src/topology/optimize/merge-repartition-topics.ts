import { InvariantError } from '../../errors.ts'
import { findUpwards, type Graph, GraphEdit } from '../graph.ts'
import type { NodeId, RepartitionNode } from '../graph-node.ts'
import type { SerdeRef } from '../serde-ref.ts'

/**
 * Several repartition topics below one change of key become one, directly below the change.
 *
 *   map ─┬─ repartition A ─ count          map ─ repartition A ─┬─ count
 *        └─ filter ─ repartition B ─ join                       └─ filter ─ join
 *
 * Nothing between may change the values, or the topic could not serve both. A merge counts as a change of key when all of the
 * repartitions below the changes above it are also below the merge.
 * @see org.apache.kafka.streams.kstream.internals.InternalStreamsBuilder#mergeRepartitionTopics
 */
export function mergeRepartitionTopics(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  for (const [keyChanger, repartitions] of repartitionsByKeyChanger(edit)) {
    if (repartitions.length > 0) mergeBelow(edit, keyChanger, repartitions)
  }
  return edit.graph()
}

function repartitionsByKeyChanger(edit: GraphEdit): ReadonlyMap<NodeId, readonly NodeId[]> {
  const found = new Map<NodeId, NodeId[]>()
  const merges: NodeId[] = []
  for (const id of edit.nodeIds()) {
    const node = edit.node(id)
    if (edit.parentsOf(id).length === 0) continue
    if (node.changesKey) found.set(id, [])
    else if (node.kind === 'repartition' && node.optimizable) {
      const keyChanger = findUpwards(edit, id, (each) => each.changesKey === true)
      const nearest = findUpwards(edit, id, (each) => each.changesKey === true || each.changesValue === true)
      if (keyChanger !== undefined && keyChanger === nearest) found.get(keyChanger)!.push(id)
    } else if (node.isMerge) merges.push(id)
  }

  const absorbed = new Set<NodeId>()
  const byMerge = new Map<NodeId, NodeId[]>()
  for (const merge of merges) {
    const above = [...found].filter(
      ([keyChanger, repartitions]) =>
        repartitions.every((id) => isBelow(edit, id, merge)) && isBelow(edit, merge, keyChanger),
    )
    for (const [keyChanger] of above) absorbed.add(keyChanger)
    byMerge.set(merge, [...new Set(above.flatMap(([, repartitions]) => repartitions))])
  }
  for (const [merge, repartitions] of byMerge) found.set(merge, repartitions)
  for (const keyChanger of absorbed) found.delete(keyChanger)
  return found
}

/** The node on the way up from `id` which is a child of `ancestor`. */
function childOnTheWay(edit: GraphEdit, id: NodeId, ancestor: NodeId): NodeId | undefined {
  return findUpwards(edit, id, (node) => edit.parentsOf(node.id).includes(ancestor))
}

function isBelow(edit: GraphEdit, id: NodeId, ancestor: NodeId): boolean {
  return childOnTheWay(edit, id, ancestor) !== undefined
}

function mergeBelow(edit: GraphEdit, keyChanger: NodeId, repartitions: readonly NodeId[]): void {
  const replaced = repartitions.map((id) => edit.node(id) as RepartitionNode)
  const merged = addMergedRepartition(edit, replaced)
  edit.setPriority(merged, edit.priority(keyChanger))
  for (const { id, name } of replaced) {
    const child = childOnTheWay(edit, id, keyChanger)
    if (child === undefined)
      throw new InvariantError(`Repartition '${name}' is not below the change of key that it follows.`)
    edit.addChild(merged, child)
    edit.removeChild(keyChanger, child)
    const parents = edit.parentsOf(id)
    const children = edit.childrenOf(id)
    for (const below of children) for (const parent of parents) edit.addChild(parent, below)
    for (const parent of parents) edit.removeChild(parent, id)
    for (const below of children) edit.removeChild(id, below)
    edit.replaceCopartitionSource(name, edit.node(merged).name)
  }
  edit.addChild(keyChanger, merged)
}

function addMergedRepartition(edit: GraphEdit, replaced: readonly RepartitionNode[]): NodeId {
  const { topic } = replaced[0]!
  for (const prefix of ['KSTREAM-SINK-', 'KSTREAM-FILTER-', 'KSTREAM-SOURCE-']) edit.newProcessorName(prefix)
  return edit.addNode({
    kind: 'repartition',
    name: `${topic}-source`,
    optimizable: true,
    sinkName: `${topic}-sink`,
    sourceName: `${topic}-source`,
    filterName: `${topic}-filter`,
    dropsNullKeys: false,
    topic,
    partitions: undefined,
    keySerde: firstSerde(replaced.map((node) => node.keySerde)),
    valueSerde: firstSerde(replaced.map((node) => node.valueSerde)),
    carriesChanges: false,
    partitioner: undefined,
  })
}

function firstSerde(refs: readonly SerdeRef[]): SerdeRef {
  return refs.find((ref) => 'wrap' in ref || ref.given !== undefined) ?? refs[0]!
}
