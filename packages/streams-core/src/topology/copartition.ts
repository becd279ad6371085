import { TopologyError } from '../errors.ts'
import type { TopologyState } from './topology-state.ts'

function topicsOf(state: TopologyState, sourceNames: readonly string[]): ReadonlySet<string> {
  const topics = new Set<string>()
  for (const name of sourceNames) {
    const node = state.nodes.get(name)
    if (node?.kind === 'source') for (const topic of node.topics) topics.add(topic)
  }
  return topics
}

/**
 * Topics that must have equal numbers of partitions because their records meet in a join or a merged aggregation. A group none of
 * whose numbers can be chosen any more is refused here; the others wait until the topics' numbers are known.
 * @throws TopologyError naming the topics and their numbers
 */
export function validateCopartition(state: TopologyState): void {
  for (const group of state.copartitionGroups) {
    const topics = [...topicsOf(state, group)].sort()
    const counts = topics.map((topic) => state.internalTopics.get(topic))
    if (counts.length === 0 || counts.includes(undefined)) continue
    if (counts.some((count) => count !== counts[0])) {
      const list = topics.map((topic, i) => `'${topic}' has ${counts[i]}`).join(', ')
      throw new TopologyError(
        `Topics that are joined need equal numbers of partitions: ${list}. Give their repartitions the same number.`,
      )
    }
  }
}

/** The groups of topics (names without prefix), each topic in the first group that it belongs to. */
export function copartitionedTopics(state: TopologyState): readonly (readonly string[])[] {
  const groups: Set<string>[] = []
  const groupOf = new Map<string, Set<string>>()
  for (const sourceNames of state.copartitionGroups) {
    const topics = topicsOf(state, sourceNames)
    let group: Set<string> | undefined
    for (const topic of topics) group ??= groupOf.get(topic)
    if (group === undefined) {
      group = new Set()
      groups.push(group)
    }
    for (const topic of topics) {
      group.add(topic)
      groupOf.set(topic, group)
    }
  }
  return groups.filter((group) => group.size > 0).map((group) => [...group])
}
