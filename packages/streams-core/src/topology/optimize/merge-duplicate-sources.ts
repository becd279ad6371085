import { TopologyError } from '../../errors.ts'
import { type Graph, GraphEdit } from '../graph.ts'
import { ROOT, type StreamSourceNode } from '../graph-node.ts'
import type { OffsetResetPolicy } from '../processor-topology.ts'

/**
 * Two streams of the same topics (or the same pattern) become one source with the children of both.
 * @throws TopologyError when topics overlap without being the same, or their offset reset policies differ
 */
export function mergeDuplicateSources(graph: Graph): Graph {
  const edit = new GraphEdit(graph)
  const byTopic = new Map<string, StreamSourceNode>()
  const byPattern = new Map<string, StreamSourceNode>()

  function merge(into: StreamSourceNode, from: StreamSourceNode): void {
    if (!samePolicy(into.consumed.offsetResetPolicy, from.consumed.offsetResetPolicy)) {
      throw new TopologyError(
        `Sources '${into.name}' and '${from.name}' read the same topics with different offset reset policies. Give both the same.`,
      )
    }
    for (const child of edit.childrenOf(from.id)) {
      edit.removeChild(from.id, child)
      edit.addChild(into.id, child)
    }
    edit.removeChild(ROOT, from.id)
  }

  for (const id of edit.childrenOf(ROOT)) {
    const node = edit.node(id)
    if (node.kind !== 'stream-source') continue
    const { topics } = node
    if (topics instanceof RegExp) {
      const main = byPattern.get(String(topics))
      if (main === undefined) byPattern.set(String(topics), node)
      else merge(main, node)
      continue
    }
    for (const topic of topics) {
      const main = byTopic.get(topic)
      if (main === undefined) byTopic.set(topic, node)
      else if (main !== node) {
        if (!sameTopics(main.topics, topics)) {
          throw new TopologyError(
            `Sources '${main.name}' and '${node.name}' both read topic '${topic}', but not the same topics otherwise. Read each topic by one source, and merge the streams.`,
          )
        }
        merge(main, node)
      }
    }
  }
  return edit.graph()
}

function sameTopics(a: readonly string[] | RegExp, b: readonly string[]): boolean {
  return !(a instanceof RegExp) && new Set([...a, ...b]).size === new Set(a).size && new Set(a).size === new Set(b).size
}

function samePolicy(a: OffsetResetPolicy | undefined, b: OffsetResetPolicy | undefined): boolean {
  if (typeof a === 'object' && typeof b === 'object') return a.byDurationMs === b.byDurationMs
  return a === b
}
