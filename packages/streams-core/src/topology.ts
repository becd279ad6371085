import type { Serde, TopicDeclaration } from '@millrace/serdes'
import type { Consumed } from './dsl/consumed.ts'
import type { Produced } from './dsl/produced.ts'
import type { TopologyEdge } from './edges/topology-edge.ts'
import type { ProcessorSupplier } from './processors/processor.ts'
import type { StateStore, StoreBuilder } from './state/state-store.ts'
import type { StreamsProperties } from './streams-config.ts'
import type { TopicNameExtractor } from './topology/extension-points.ts'
import type { TopologyPlan } from './topology/processor-topology.ts'
import { givenStore } from './topology/store-factory.ts'
import { TopologyBuilder } from './topology/topology-builder.ts'
import { describeTopology, type TopologyDescription } from './topology/topology-description.ts'
import type { AnyProcessorSupplier, SinkSettings, SourceSettings } from './topology/topology-node.ts'
import { planTopology } from './topology/topology-plan.ts'
import { readTopologySettings } from './topology/topology-settings.ts'
import { nodeGroups } from './topology/topology-state.ts'

/** A topic by name, or declared with its serdes. */
export type TopicOrName<K, V> = string | TopicDeclaration<K, V>

/** A store that is filled from a topic, and the nodes that fill it. */
export interface StoreFromTopic<K, V> extends Omit<Consumed<K, V>, 'name' | 'offsetResetPolicy'> {
  readonly sourceName: string
  readonly topic: TopicOrName<K, V>
  readonly processorName: string
  /** Puts each record into the store. What it forwards is lost. */
  readonly supplier: ProcessorSupplier<K, V, never, never>
}

/**
 * Nodes and edges put together by hand, or by a {@link StreamsBuilder}; nodes can be added to what it built.
 *
 * ```ts
 * new Topology()
 *   .addSource('orders', 'orders', { keySerde: Serdes.string(), valueSerde: Serdes.json() })
 *   .addProcessor('check', () => new CheckOrder(), 'orders')
 *   .addStateStore(checked, 'check')
 *   .addSink('checked', 'checked-orders', 'check', { keySerde: Serdes.string(), valueSerde: Serdes.json() })
 * ```
 *
 * Every method throws a TopologyError that names the node and what to change: a name used twice, an unknown parent or store,
 * a topic read by two sources.
 *
 * @see org.apache.kafka.streams.Topology — option objects here for the overloads there.
 */
export class Topology {
  readonly #builder: TopologyBuilder
  readonly #properties: StreamsProperties
  /** What feeds or reads topics beside the topology: of `millrace/streams` and `millrace/rxjs`. */
  readonly edges: readonly TopologyEdge[]

  /** `properties`: `processor.wrapper.class`, kinds of stores and the like; what the application is started with comes before them. */
  constructor(
    properties: StreamsProperties = {},
    builder: TopologyBuilder = new TopologyBuilder(),
    edges: readonly TopologyEdge[] = [],
  ) {
    this.edges = [...edges]
    this.#properties = properties
    this.#builder = builder
  }

  /** Reads topics. A serde left out is the configuration's default, else raw bytes. */
  addSource<K, V>(
    name: string,
    topics: TopicOrName<K, V> | readonly string[] | RegExp,
    options: Omit<Consumed<K, V>, 'name'> = {},
  ): this {
    const declared = isDeclaration(topics) ? topics : undefined
    const names = isDeclaration(topics) ? [topics.name] : typeof topics === 'string' ? [topics] : topics
    this.#builder.addSource(name, names, sourceSettings(declared, options))
    return this
  }

  /** Processes the records of its parents. Stores that the supplier brings are added and connected. */
  addProcessor<KIn, VIn, KOut, VOut>(
    name: string,
    supplier: ProcessorSupplier<KIn, VIn, KOut, VOut>,
    parentNames: string | readonly string[],
  ): this {
    const { processorWrapper } = readTopologySettings(this.#properties)
    const wrapped = processorWrapper?.wrapProcessorSupplier(name, supplier) ?? supplier
    this.#builder.addProcessor(name, wrapped as AnyProcessorSupplier, list(parentNames))
    for (const store of wrapped.stores ?? []) this.#builder.addStateStore(givenStore(store), [name])
    return this
  }

  /** Writes the records of its parents to a topic, or to the one that a function gives for each. */
  addSink<K, V>(
    name: string,
    topic: TopicOrName<K, V> | TopicNameExtractor<K, V>,
    parentNames: string | readonly string[],
    options: Omit<Produced<K, V>, 'name'> = {},
  ): this {
    const declared = isDeclaration(topic) ? topic : undefined
    const target = isDeclaration(topic) ? topic.name : (topic as string | TopicNameExtractor<unknown, unknown>)
    const settings: SinkSettings = {
      keySerde: (options.keySerde ?? declared?.keySerde) as Serde<unknown> | undefined,
      valueSerde: (options.valueSerde ?? declared?.valueSerde) as Serde<unknown> | undefined,
      partitioner: options.streamPartitioner as SinkSettings['partitioner'],
    }
    this.#builder.addSink(name, target, settings, list(parentNames))
    return this
  }

  /** Adds a store and connects it to processors, which must have been added. */
  addStateStore(store: StoreBuilder<StateStore>, processorNames: string | readonly string[] = []): this {
    this.#builder.addStateStore(givenStore(store), list(processorNames))
    return this
  }

  /** Lets a processor use stores that have been added. Processors that share a store run in one task. */
  connectProcessorAndStateStores(processorName: string, storeNames: string | readonly string[]): this {
    this.#builder.connectProcessorAndStateStores(processorName, list(storeNames))
    return this
  }

  /** Adds a store that every instance fills from all partitions of a topic, and every processor may read. */
  addGlobalStore<K, V>(store: StoreBuilder<StateStore>, from: StoreFromTopic<K, V>): this {
    const settings = sourceSettings(isDeclaration(from.topic) ? from.topic : undefined, from)
    this.#builder.addGlobalStore(
      givenStore(store.withLoggingDisabled()),
      { name: from.sourceName, topic: topicName(from.topic), ...settings },
      from.processorName,
      from.supplier as AnyProcessorSupplier,
    )
    return this
  }

  /** Adds a store that is filled from a topic of the application's own input; the topic serves as the store's changelog. @see KIP-813 */
  addReadOnlyStateStore<K, V>(store: StoreBuilder<StateStore>, from: StoreFromTopic<K, V>): this {
    const settings = sourceSettings(isDeclaration(from.topic) ? from.topic : undefined, from)
    const topic = topicName(from.topic)
    const factory = givenStore(store.withLoggingDisabled())
    this.#builder.addSource(from.sourceName, [topic], { ...settings, offsetResetPolicy: 'earliest' })
    this.#builder.addProcessor(from.processorName, from.supplier as AnyProcessorSupplier, [from.sourceName])
    this.#builder.addStateStore(factory, [from.processorName])
    this.#builder.connectSourceStoreAndTopic(factory.name, topic)
    return this
  }

  /** Subtopologies, nodes and stores. Its text is that of Java's `describe()`, byte by byte. */
  describe(): TopologyDescription {
    const { storesOfProcessors } = this.#builder
    return describeTopology(nodeGroups(this.#builder), (name) => storesOfProcessors.get(name) ?? [])
  }

  /** What the runtime needs to run this for an application. `properties` come before those of the builder. */
  plan(applicationId: string, properties: StreamsProperties = {}): TopologyPlan {
    return planTopology(this.#builder, applicationId, { ...this.#properties, ...properties })
  }
}

function list(names: string | readonly string[]): readonly string[] {
  return typeof names === 'string' ? [names] : names
}

function isDeclaration<K, V>(topic: unknown): topic is TopicDeclaration<K, V> {
  return typeof topic === 'object' && topic !== null && 'keySerde' in topic
}

function topicName<K, V>(topic: TopicOrName<K, V>): string {
  return typeof topic === 'string' ? topic : topic.name
}

function sourceSettings<K, V>(declared: TopicDeclaration<K, V> | undefined, options: Consumed<K, V>): SourceSettings {
  return {
    keySerde: (options.keySerde ?? declared?.keySerde) as Serde<unknown> | undefined,
    valueSerde: (options.valueSerde ?? declared?.valueSerde) as Serde<unknown> | undefined,
    timestampExtractor: options.timestampExtractor,
    offsetResetPolicy: options.offsetResetPolicy,
  }
}
