import type { NodeGrouper } from './node-groups.ts'
import type { StoreFactory } from './store-factory.ts'
import type { TopologyNode } from './topology-node.ts'

/** A store and the processors that use it, in the order in which they were connected. */
export interface ConnectedStore {
  readonly factory: StoreFactory
  readonly processorNames: readonly string[]
}

/**
 * All that has been added to a topology: what {@link TopologyBuilder} writes and plans are made from. Maps keep the order of
 * addition; names of topics are without the application's prefix.
 */
export interface TopologyState {
  readonly nodes: ReadonlyMap<string, TopologyNode>
  readonly grouper: NodeGrouper
  readonly stores: ReadonlyMap<string, ConnectedStore>
  readonly globalStores: ReadonlyMap<string, StoreFactory>
  /** By processor name: its stores, in the order in which they were connected. */
  readonly storesOfProcessors: ReadonlyMap<string, readonly string[]>
  /** Topics which the application makes for itself, with the number of partitions where the user gave one. */
  readonly internalTopics: ReadonlyMap<string, number | undefined>
  readonly globalTopics: ReadonlySet<string>
  /** By store name: the source topic that serves as its changelog. */
  readonly sourceTopicChangelogs: ReadonlyMap<string, string>
  /** Groups of source nodes whose topics need equal numbers of partitions. */
  readonly copartitionGroups: readonly (readonly string[])[]
}

/** A group of connected nodes. Groups of a global store do not become tasks. */
export interface NodeGroup {
  readonly id: number
  readonly nodes: readonly TopologyNode[]
  readonly isGlobal: boolean
}

/** The topology's groups of connected nodes, numbered by their first nodes. */
export function nodeGroups(state: TopologyState): readonly NodeGroup[] {
  return state.grouper.groups(state.nodes.keys()).map((names, id) => {
    const nodes = names.map((name) => state.nodes.get(name)!)
    const isGlobal = nodes.some(
      (node) => node.kind === 'source' && node.topics.length === 1 && state.globalTopics.has(node.topics[0]!),
    )
    return { id, nodes, isGlobal }
  })
}
