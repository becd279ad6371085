import { TopologyError } from '../errors.ts'
import { validateCopartition } from './copartition.ts'
import type { Graph, ImplicitName } from './graph.ts'
import { dropNullKeysAtRepartitions } from './null-keys.ts'
import { mergeDuplicateSources } from './optimize/merge-duplicate-sources.ts'
import { mergeRepartitionTopics } from './optimize/merge-repartition-topics.ts'
import { reuseKTableSourceTopics } from './optimize/reuse-ktable-source-topics.ts'
import { singleStoreSelfJoin } from './optimize/single-store-self-join.ts'
import { TopologyBuilder } from './topology-builder.ts'
import type { TopologySettings } from './topology-settings.ts'
import { writeGraph } from './write-graph.ts'

/**
 * From what the user said to what will run: passes over the graph, then its nodes one by one into a topology.
 * @throws TopologyError naming the operator and what to change
 */
export function buildGraph(graph: Graph, settings: TopologySettings): TopologyBuilder {
  const builder = new TopologyBuilder()
  const finished = passes(settings).reduce((current, pass) => pass(current), graph)
  writeGraph(finished, builder, settings)
  validateCopartition(builder)
  checkImplicitNames(finished.implicitNames, settings)
  return builder
}

function passes({ optimizations }: TopologySettings): readonly ((graph: Graph) => Graph)[] {
  return [
    mergeDuplicateSources,
    ...(optimizations.has('reuse.ktable.source.topics') ? [reuseKTableSourceTopics] : []),
    ...(optimizations.has('merge.repartition.topics') ? [mergeRepartitionTopics] : []),
    ...(optimizations.has('single.store.self.join') ? [singleStoreSelfJoin] : []),
    dropNullKeysAtRepartitions,
  ]
}

/** Internal topics and stores with generated names lose their contents when an operator before them is added: KIP-1111. */
function checkImplicitNames(names: readonly ImplicitName[], { explicitNamesOnly, logger }: TopologySettings): void {
  const kinds = [
    ['changelog topics', names.map((name) => name.changelogTopic)],
    ['stores', names.map((name) => name.stateStore)],
    ['repartition topics', names.map((name) => name.repartitionTopic)],
  ] as const
  const parts = kinds.flatMap(([kind, list]) => {
    const distinct = [...new Set(list.filter((name) => name !== undefined))]
    return distinct.length === 0 ? [] : [`${kind} ${distinct.join(', ')}`]
  })
  if (parts.length === 0) return
  const what = `Generated names: ${parts.join('; ')}. They change when the topology does, and what is stored under them is lost then.`
  const how = 'Name the operators (name) and their stores (storeName).'
  if (explicitNamesOnly) {
    throw new TopologyError(`${what} ensure.explicit.internal.resource.naming forbids them. ${how}`)
  }
  logger.warn(`${what} ${how}`)
}
