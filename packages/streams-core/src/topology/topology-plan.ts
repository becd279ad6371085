import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import type { StreamsProperties } from '../streams-config.ts'
import { copartitionedTopics } from './copartition.ts'
import { changelogTopic, repartitionTopic } from './internal-topics.ts'
import { javaHashOrder } from './java-hash-order.ts'
import { CHANGELOG_SUFFIX } from './node-names.ts'
import type {
  InternalTopicPlan,
  NodePlan,
  ProcessorTopology,
  SubtopologyPlan,
  TopologyPlan,
} from './processor-topology.ts'
import type { StoreFactory } from './store-factory.ts'
import type { TopologyNode } from './topology-node.ts'
import { readTopologySettings, type TopologySettings } from './topology-settings.ts'
import { nodeGroups, type TopologyState } from './topology-state.ts'

/**
 * The plan of a topology for one application: full names of topics, builders of stores, one {@link ProcessorTopology} for each
 * subtopology. `properties` decide the kinds of stores, their caches and the settings of internal topics.
 */
export function planTopology(state: TopologyState, applicationId: string, properties: StreamsProperties): TopologyPlan {
  return new Planner(state, applicationId, readTopologySettings(properties)).plan()
}

class Planner {
  readonly #state: TopologyState
  readonly #applicationId: string
  readonly #settings: TopologySettings
  readonly #builders = new Map<string, StoreBuilder<StateStore>>()

  constructor(state: TopologyState, applicationId: string, settings: TopologySettings) {
    this.#state = state
    this.#applicationId = applicationId
    this.#settings = settings
  }

  plan(): TopologyPlan {
    const groups = nodeGroups(this.#state)
    const local = groups.filter((group) => !group.isGlobal)
    const isGlobal = new Set(groups.flatMap((group) => (group.isGlobal ? group.nodes : [])))
    const all = [...this.#state.nodes.values()]
    return Object.freeze({
      applicationId: this.#applicationId,
      subtopologies: local.map(({ id, nodes }) => this.#subtopology(id, nodes)).filter(readsTopics),
      whole: this.#processorTopology(
        0,
        all.filter((node) => !isGlobal.has(node)),
      ),
      global:
        isGlobal.size === 0
          ? undefined
          : this.#processorTopology(
              -1,
              all.filter((node) => isGlobal.has(node)),
            ),
    })
  }

  #subtopology(id: number, nodes: readonly TopologyNode[]): SubtopologyPlan {
    const topology = this.#processorTopology(id, nodes)
    const rawTopics = nodes.flatMap((node) => (node.kind === 'source' ? node.topics : []))
    const own = new Set(rawTopics)
    const { internalTopics } = this.#state
    return Object.freeze({
      topology,
      sourceTopics: rawTopics.map((topic) => this.#fullName(topic)),
      sourcePatterns: nodes.flatMap((node) =>
        node.kind === 'source' && node.pattern !== undefined ? [node.pattern] : [],
      ),
      repartitionSourceTopics: rawTopics
        .filter((topic) => internalTopics.has(topic))
        .map((topic) => repartitionTopic(this.#fullName(topic), internalTopics.get(topic), this.#settings)),
      repartitionSinkTopics: nodes
        .flatMap((node) => (node.kind === 'sink' && typeof node.topic === 'string' ? [node.topic] : []))
        .filter((topic) => internalTopics.has(topic))
        .map((topic) => this.#fullName(topic)),
      changelogTopics: this.#changelogTopics(topology),
      copartitionGroups: copartitionedTopics(this.#state)
        .filter((group) => group.some((topic) => own.has(topic)))
        .map((group) => group.map((topic) => this.#fullName(topic))),
    })
  }

  #processorTopology(subtopologyId: number, nodes: readonly TopologyNode[]): ProcessorTopology {
    const storeNames = new Set(nodes.flatMap((node) => this.#storesOf(node)))
    const childrenOf = childrenByParent(nodes)
    const changelogTopics = new Map<string, string>()
    for (const name of storeNames) {
      const topic = this.#changelogOf(this.#factory(name))
      if (topic !== undefined) changelogTopics.set(name, topic)
    }
    return Object.freeze({
      subtopologyId,
      nodes: nodes.map((node) => this.#nodePlan(node, childrenOf)),
      stores: [...storeNames].map((name) => this.#builder(name)),
      globalStoreNames: [...this.#state.globalStores.keys()],
      changelogTopics,
      repartitionSourceTopics: new Set(
        nodes
          .flatMap((node) => (node.kind === 'source' ? node.topics : []))
          .filter((topic) => this.#state.internalTopics.has(topic))
          .map((topic) => this.#fullName(topic)),
      ),
    })
  }

  #nodePlan(node: TopologyNode, childrenOf: ReadonlyMap<string, readonly string[]>): NodePlan {
    const children = childrenOf.get(node.name) ?? []
    switch (node.kind) {
      case 'source': {
        const { kind, name, pattern, keySerde, valueSerde, timestampExtractor, offsetResetPolicy } = node
        const topics = node.topics.map((topic) => this.#fullName(topic))
        return { kind, name, topics, pattern, keySerde, valueSerde, timestampExtractor, offsetResetPolicy, children }
      }
      case 'processor':
        return {
          kind: 'processor',
          name: node.name,
          supplier: node.supplier,
          storeNames: this.#storesOf(node),
          children,
        }
      case 'sink': {
        const { kind, name, keySerde, valueSerde, partitioner } = node
        const topic = typeof node.topic === 'string' ? this.#fullName(node.topic) : node.topic
        return { kind, name, topic, keySerde, valueSerde, partitioner, children: [] }
      }
    }
  }

  #storesOf(node: TopologyNode): readonly string[] {
    return javaHashOrder(this.#state.storesOfProcessors.get(node.name) ?? [])
  }

  #factory(storeName: string): StoreFactory {
    return this.#state.stores.get(storeName)?.factory ?? this.#state.globalStores.get(storeName)!
  }

  #builder(storeName: string): StoreBuilder<StateStore> {
    let builder = this.#builders.get(storeName)
    if (builder === undefined) {
      builder = this.#factory(storeName).builder(this.#settings.dslStore)
      if (!this.#settings.cachingEnabled) builder = builder.withCachingDisabled()
      if (this.#state.sourceTopicChangelogs.has(storeName)) builder = builder.withLoggingDisabled()
      this.#builders.set(storeName, builder)
    }
    return builder
  }

  #changelogOf(store: StoreFactory): string | undefined {
    const sourceTopic = this.#state.sourceTopicChangelogs.get(store.name)
    if (sourceTopic !== undefined) return this.#fullName(sourceTopic)
    return store.loggingEnabled ? `${this.#applicationId}-${store.name}${CHANGELOG_SUFFIX}` : undefined
  }

  #changelogTopics({ stores, changelogTopics }: ProcessorTopology): readonly InternalTopicPlan[] {
    return stores
      .filter(({ name }) => changelogTopics.has(name) && !this.#state.sourceTopicChangelogs.has(name))
      .map(({ name }) => changelogTopic(changelogTopics.get(name)!, this.#factory(name), this.#settings))
  }

  #fullName(topic: string): string {
    return this.#state.internalTopics.has(topic) ? `${this.#applicationId}-${topic}` : topic
  }
}

function readsTopics(plan: SubtopologyPlan): boolean {
  return plan.sourceTopics.length > 0 || plan.sourcePatterns.length > 0
}

/** By name of the parent: its children in the order in which they were added. */
function childrenByParent(nodes: readonly TopologyNode[]): ReadonlyMap<string, readonly string[]> {
  const children = new Map<string, string[]>()
  for (const node of nodes) {
    for (const parent of node.predecessors) {
      const known = children.get(parent)
      if (known === undefined) children.set(parent, [node.name])
      else known.push(node.name)
    }
  }
  return children
}
