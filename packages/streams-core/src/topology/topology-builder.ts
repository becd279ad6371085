import { TopologyError } from '../errors.ts'
import type { TopicNameExtractor } from './extension-points.ts'
import { NodeGrouper } from './node-groups.ts'
import type { StoreFactory } from './store-factory.ts'
import {
  type AnyProcessorSupplier,
  matchesTopic,
  patternText,
  type SinkSettings,
  type SourceSettings,
  type TopologyNode,
} from './topology-node.ts'
import type { TopologyState } from './topology-state.ts'

/** A store that was added, and the processors that use it. */
interface StoreInUse {
  readonly factory: StoreFactory
  readonly processorNames: string[]
}

/**
 * Takes nodes, edges and stores one by one, and refuses what cannot work.
 *
 * Errors name the node and what to change. A name is used once; parents are added before children, so that there are no cycles.
 *
 * @see org.apache.kafka.streams.processor.internals.InternalTopologyBuilder
 */
export class TopologyBuilder implements TopologyState {
  readonly nodes = new Map<string, TopologyNode>()
  readonly grouper = new NodeGrouper()
  readonly stores = new Map<string, StoreInUse>()
  readonly globalStores = new Map<string, StoreFactory>()
  readonly storesOfProcessors = new Map<string, string[]>()
  readonly internalTopics = new Map<string, number | undefined>()
  readonly globalTopics = new Set<string>()
  readonly sourceTopicChangelogs = new Map<string, string>()
  readonly copartitionGroups: (readonly string[])[] = []

  addSource(name: string, topics: readonly string[] | RegExp, settings: SourceSettings): void {
    this.#checkNewName(name)
    if (topics instanceof RegExp) {
      for (const node of this.nodes.values()) {
        const taken = node.kind === 'source' && node.topics.find((topic) => matchesTopic(topics, topic))
        if (typeof taken === 'string' && !this.globalTopics.has(taken)) {
          throw new TopologyError(
            `Source '${name}': pattern ${patternText(topics)} matches topic '${taken}', which source '${node.name}' already reads. Read the topic by one of the two.`,
          )
        }
      }
    } else {
      if (topics.length === 0) throw new TopologyError(`Source '${name}' has no topics. Give it at least one.`)
      for (const topic of topics) this.#checkNewTopic(name, topic)
    }
    const pattern = topics instanceof RegExp ? topics : undefined
    const names = topics instanceof RegExp ? [] : [...topics]
    this.#add({ kind: 'source', name, predecessors: [], topics: names, pattern, ...settings })
  }

  addProcessor(name: string, supplier: AnyProcessorSupplier, predecessors: readonly string[]): void {
    this.#checkNewName(name)
    this.#checkParents(name, predecessors)
    this.#add({ kind: 'processor', name, predecessors: [...predecessors], supplier })
  }

  addSink(
    name: string,
    topic: string | TopicNameExtractor<unknown, unknown>,
    settings: SinkSettings,
    predecessors: readonly string[],
  ): void {
    this.#checkNewName(name)
    this.#checkParents(name, predecessors)
    this.#add({ kind: 'sink', name, predecessors: [...predecessors], topic, ...settings })
  }

  addStateStore(factory: StoreFactory, processorNames: readonly string[] = []): void {
    const { name } = factory
    const known = this.stores.get(name)
    if (known !== undefined && known.factory !== factory) {
      throw new TopologyError(
        `A different store named '${name}' has already been added. Give one of the two another name; to share a store, add one builder to both.`,
      )
    }
    if (this.globalStores.has(name)) throw takenByGlobalStore(name)
    if (known === undefined) this.stores.set(name, { factory, processorNames: [] })
    for (const processorName of processorNames) this.#connect(processorName, name)
  }

  /** A store which every instance fills from all partitions of a topic. */
  addGlobalStore(
    factory: StoreFactory,
    source: { readonly name: string; readonly topic: string } & SourceSettings,
    processorName: string,
    supplier: AnyProcessorSupplier,
  ): void {
    const { name: sourceName, topic, ...settings } = source
    this.#checkNewName(sourceName)
    this.#checkNewTopic(sourceName, topic)
    this.#checkNewName(processorName)
    if (sourceName === processorName) {
      throw new TopologyError(
        `Global store '${factory.name}' names its source and its processor '${sourceName}'. Give them two names.`,
      )
    }
    if (this.stores.has(factory.name)) {
      throw new TopologyError(
        `A store named '${factory.name}' has already been added; the global store needs another name.`,
      )
    }
    if (this.globalStores.has(factory.name)) throw takenByGlobalStore(factory.name)
    this.globalTopics.add(topic)
    this.#add({ kind: 'source', name: sourceName, predecessors: [], topics: [topic], pattern: undefined, ...settings })
    this.#add({ kind: 'processor', name: processorName, predecessors: [sourceName], supplier })
    this.storesOfProcessors.set(processorName, [factory.name])
    this.globalStores.set(factory.name, factory)
    this.connectSourceStoreAndTopic(factory.name, topic)
  }

  connectProcessorAndStateStores(processorName: string, storeNames: readonly string[]): void {
    if (storeNames.length === 0) {
      throw new TopologyError(
        `No stores were named to be connected to processor '${processorName}'. Name at least one.`,
      )
    }
    for (const storeName of storeNames) this.#connect(processorName, storeName)
  }

  /** The topic serves as the store's changelog: what is read from it need not be written a second time. */
  connectSourceStoreAndTopic(storeName: string, topic: string): void {
    if (this.sourceTopicChangelogs.has(storeName)) {
      throw new TopologyError(
        `Store '${storeName}' already has topic '${this.sourceTopicChangelogs.get(storeName)}' as its changelog and cannot have '${topic}' too.`,
      )
    }
    this.sourceTopicChangelogs.set(storeName, topic)
  }

  addInternalTopic(topic: string, partitions: number | undefined): void {
    this.internalTopics.set(topic, partitions)
  }

  copartitionSources(sourceNames: readonly string[]): void {
    this.copartitionGroups.push([...sourceNames])
  }

  #add(node: TopologyNode): void {
    this.nodes.set(node.name, Object.freeze(node))
    this.grouper.add(node.name)
    this.grouper.unite(node.name, node.predecessors)
  }

  #connect(processorName: string, storeName: string): void {
    if (this.globalStores.has(storeName)) {
      throw new TopologyError(
        `Processor '${processorName}' names the global store '${storeName}'. Every processor may use global stores: leave it out.`,
      )
    }
    const store = this.stores.get(storeName)
    if (store === undefined) {
      throw new TopologyError(
        `Processor '${processorName}' names store '${storeName}', which has not been added. Add it first (addStateStore), or let the supplier bring it.`,
      )
    }
    const node = this.nodes.get(processorName)
    if (node === undefined) {
      throw new TopologyError(
        `Store '${storeName}' cannot be connected to '${processorName}': there is no such processor. Add it first.`,
      )
    }
    if (node.kind !== 'processor') {
      throw new TopologyError(
        `Store '${storeName}' cannot be connected to '${processorName}': it is a ${node.kind}, and only processors have stores.`,
      )
    }
    const first = store.processorNames[0]
    if (first !== undefined) this.grouper.unite(first, [processorName])
    if (!store.processorNames.includes(processorName)) store.processorNames.push(processorName)
    const connected = this.storesOfProcessors.get(processorName)
    if (connected === undefined) this.storesOfProcessors.set(processorName, [storeName])
    else if (!connected.includes(storeName)) connected.push(storeName)
  }

  #checkNewName(name: string): void {
    if (this.nodes.has(name)) {
      throw new TopologyError(
        `A ${this.nodes.get(name)!.kind} named '${name}' has already been added. Give one of the two another name.`,
      )
    }
  }

  #checkNewTopic(name: string, topic: string): void {
    for (const node of this.nodes.values()) {
      if (node.kind !== 'source') continue
      if (node.topics.includes(topic)) {
        throw new TopologyError(
          `Source '${name}' reads topic '${topic}', which source '${node.name}' already reads. Read a topic once and use its stream or table twice.`,
        )
      }
      if (node.pattern !== undefined && matchesTopic(node.pattern, topic)) {
        throw new TopologyError(
          `Source '${name}' reads topic '${topic}', which matches pattern ${patternText(node.pattern)} of source '${node.name}'. Read the topic by one of the two.`,
        )
      }
    }
  }

  #checkParents(name: string, predecessors: readonly string[]): void {
    if (predecessors.length === 0) {
      throw new TopologyError(`'${name}' has no parents. Name at least one node which it gets its records from.`)
    }
    for (const predecessor of predecessors) {
      const parent = this.nodes.get(predecessor)
      if (parent === undefined) {
        const why = predecessor === name ? 'it cannot be its own parent' : 'there is no such node yet'
        throw new TopologyError(`'${name}' names '${predecessor}' as its parent: ${why}. Add parents before children.`)
      }
      if (parent.kind === 'sink') {
        throw new TopologyError(
          `'${name}' names '${predecessor}' as its parent, which is a sink and has no children. Read its topic instead.`,
        )
      }
    }
  }
}

function takenByGlobalStore(name: string): TopologyError {
  return new TopologyError(`A global store named '${name}' has already been added. Give one of the two another name.`)
}
