import type { TopicDeclaration } from '@millrace/serdes'
import type { Consumed, ConsumedOptions } from './dsl/consumed.ts'
import type { GlobalKTable } from './dsl/global-ktable.ts'
import { GlobalKTableImpl } from './dsl/global-ktable-impl.ts'
import type { KStream } from './dsl/kstream.ts'
import { KStreamImpl } from './dsl/kstream-impl.ts'
import type { KTable } from './dsl/ktable.ts'
import { KTableImpl } from './dsl/ktable-impl.ts'
import { givenStoreName, isVersioned, saysStore, storeNameOr, tableStore } from './dsl/materialization.ts'
import type { Materialized } from './dsl/materialized.ts'
import { nameOr, Prefix, suffixedNameOr } from './dsl/names.ts'
import { sourceSerde } from './dsl/serde-refs.ts'
import { TopologyError } from './errors.ts'
import { ktableSource } from './processors/ktable-source.ts'
import type { ProcessorSupplier } from './processors/processor.ts'
import type { StateStore, StoreBuilder } from './state/state-store.ts'
import type { StreamsProperties } from './streams-config.ts'
import { buildGraph } from './topology/build-graph.ts'
import { GraphEdit } from './topology/graph.ts'
import { ROOT, type SourceConsumed } from './topology/graph-node.ts'
import { javaHashCopyOrder } from './topology/java-hash-order.ts'
import type { AnyTableOperator } from './topology/table-facts.ts'
import type { AnyProcessorSupplier } from './topology/topology-node.ts'
import { readTopologySettings } from './topology/topology-settings.ts'
import { Topology } from './topology.ts'

/** How a declared topic is read as a table: its serdes come with it. */
export interface DeclaredTableOptions<K, V>
  extends ConsumedOptions,
    Omit<Materialized<K, V>, 'name' | 'keySerde' | 'valueSerde'> {}

/** How a topic given by plain name is read as a table. */
export interface TableOptions<K, V> extends ConsumedOptions, Omit<Materialized<K, V>, 'name'> {}

/**
 * Where a topology begins: streams and tables of topics, with operators below them.
 *
 * ```ts
 * const builder = new StreamsBuilder()
 * builder
 *   .stream(lines)
 *   .flatMapValues((line) => line.split(' '))
 *   .groupBy((word) => word, { keySerde: Serdes.string() })
 *   .count({ storeName: 'counts' })
 *   .toStream()
 *   .to(wordCounts)
 * const topology = builder.build()
 * ```
 *
 * @see org.apache.kafka.streams.StreamsBuilder
 */
export class StreamsBuilder {
  readonly #graph = new GraphEdit()
  readonly #properties: StreamsProperties

  /** `properties`: default serdes, `topology.optimization`, kinds of stores and the like; see docs/configuration.md. */
  constructor(properties: StreamsProperties = {}) {
    this.#properties = properties
  }

  /** The records of a declared topic. */
  stream<K, V>(topic: TopicDeclaration<K, V>, consumed?: ConsumedOptions): KStream<K, V>
  /** The records of one or several topics, or of all topics whose whole name matches a pattern. */
  stream<K = Uint8Array, V = Uint8Array>(
    topics: string | readonly string[] | RegExp,
    consumed?: Consumed<K, V>,
  ): KStream<K, V>
  stream<K, V>(
    topics: TopicDeclaration<K, V> | string | readonly string[] | RegExp,
    consumed: Consumed<K, V> = {},
  ): KStream<K, V> {
    const graph = this.#graph
    const name = nameOr(graph, consumed.name, Prefix.streamSource)
    const source = consumedOf(topics, consumed)
    const node = graph.addNode({ kind: 'stream-source', name, topics: topicsOf(name, topics), consumed: source })
    graph.connect([ROOT], node)
    const { keySerde, valueSerde } = source
    const sourceNames = new Set([name])
    return new KStreamImpl<K, V>(graph, { name, node, sourceNames, keySerde, valueSerde, repartitionRequired: false })
  }

  /** A declared topic as a table: the newest record of each key, a null value deletes. Records with a null key are dropped and counted. */
  table<K, V>(topic: TopicDeclaration<K, V>, options?: DeclaredTableOptions<K, V>): KTable<K, V>
  /** A topic as a table. */
  table<K = Uint8Array, V = Uint8Array>(topic: string, options?: TableOptions<K, V>): KTable<K, V>
  table<K, V>(topic: TopicDeclaration<K, V> | string, options: TableOptions<K, V> = {}): KTable<K, V> {
    const graph = this.#graph
    const storeName = storeNameOr(graph, options, `${topicName(topic)}-`)
    const queryableStoreName = givenStoreName(options)
    const { node, table, name, sourceName } = this.#addTableSource(topic, options, storeName, {
      isGlobal: false,
      queryable: queryableStoreName !== undefined,
    })
    const { keySerde, valueSerde } = consumedOf(topic, options)
    const sourceNames = new Set([sourceName])
    return new KTableImpl<K, V>(graph, { name, node, sourceNames, keySerde, valueSerde }, table, queryableStoreName)
  }

  /** A declared topic as a table of which every instance holds all rows. Settings of the store need a `storeName`. */
  globalTable<K, V>(topic: TopicDeclaration<K, V>, options?: DeclaredTableOptions<K, V>): GlobalKTable<K, V>
  /** A topic as a table of which every instance holds all rows. */
  globalTable<K = Uint8Array, V = Uint8Array>(topic: string, options?: TableOptions<K, V>): GlobalKTable<K, V>
  globalTable<K, V>(topic: TopicDeclaration<K, V> | string, options: TableOptions<K, V> = {}): GlobalKTable<K, V> {
    if (isVersioned(options)) {
      throw new TopologyError(
        `Global table of topic '${topicName(topic)}' is given a versioned store, which global tables cannot have. Give it another store.`,
      )
    }
    const { keySerde: _key, valueSerde: _value, ...store } = options
    const queryable = givenStoreName(options) !== undefined || !saysStore(store)
    const unlogged = { ...options, logging: false } as const
    const storeName = storeNameOr(this.#graph, unlogged, `${topicName(topic)}-`)
    this.#addTableSource(topic, unlogged, storeName, { isGlobal: true, queryable })
    return new GlobalKTableImpl(storeName, queryable ? storeName : undefined)
  }

  /** Adds a store for processors to use; they name it in `stateStoreNames`. */
  addStateStore(store: StoreBuilder<StateStore>): this {
    const node = this.#graph.addNode({
      kind: 'state-store',
      name: store.name,
      store: { kind: 'given', name: store.name, builder: store },
    })
    this.#graph.connect([ROOT], node)
    return this
  }

  /** Adds a store that every instance fills from all partitions of a topic, by a processor of yours; every processor may read it. */
  addGlobalStore<K, V>(
    store: StoreBuilder<StateStore>,
    topic: TopicDeclaration<K, V> | string,
    supplier: ProcessorSupplier<K, V, never, never>,
    consumed: Consumed<K, V> = {},
  ): this {
    const graph = this.#graph
    const sourceName = suffixedNameOr(graph, consumed.name, '-source', Prefix.streamSource)
    const name = nameOr(graph, consumed.name, Prefix.tableSource)
    const node = graph.addNode({
      kind: 'global-store',
      name,
      sourceName,
      topic: topicName(topic),
      consumed: consumedOf(topic, consumed),
      store: { kind: 'given', name: store.name, builder: store.withLoggingDisabled() },
      supplier: supplier as AnyProcessorSupplier,
    })
    graph.connect([ROOT], node)
    return this
  }

  /**
   * The topology of all that was said so far. `properties` come before those given to the builder.
   * @throws TopologyError naming the operator and what to change
   */
  build(properties: StreamsProperties = {}): Topology {
    const all = { ...this.#properties, ...properties }
    return new Topology(all, buildGraph(this.#graph.graph(), readTopologySettings(all)), this.#graph.edges)
  }

  #addTableSource<K, V>(
    topic: TopicDeclaration<K, V> | string,
    options: TableOptions<K, V>,
    storeName: string,
    { isGlobal, queryable }: { readonly isGlobal: boolean; readonly queryable: boolean },
  ) {
    const graph = this.#graph
    const consumed = consumedOf(topic, options)
    const sourceName = suffixedNameOr(graph, options.name, '-source', Prefix.streamSource)
    const name = nameOr(graph, options.name, Prefix.tableSource)
    const table = graph.addTable({
      shape: { kind: 'source', storeName, queryable },
      operator: (context) => ktableSource(context.table(table)) as AnyTableOperator,
    })
    const node = graph.addNode({
      kind: 'table-source',
      name,
      sourceName,
      topic: topicName(topic),
      consumed,
      isGlobal,
      table,
      store: tableStore(storeName, options, consumed.keySerde, consumed.valueSerde),
      reusesTopic: false,
      outputVersioned: isVersioned(options),
    })
    graph.connect([ROOT], node)
    return { node, table, name, sourceName }
  }
}

function topicName(topic: TopicDeclaration<never, never> | { readonly name: string } | string): string {
  return typeof topic === 'string' ? topic : topic.name
}

function topicsOf<K, V>(
  sourceName: string,
  topics: TopicDeclaration<K, V> | string | readonly string[] | RegExp,
): readonly string[] | RegExp {
  if (topics instanceof RegExp) return topics
  if (typeof topics === 'string') return [topics]
  if ('keySerde' in topics) return [topics.name]
  if (topics.length === 0) throw new TopologyError(`Source '${sourceName}' has no topics. Give it at least one.`)
  return javaHashCopyOrder(topics)
}

function consumedOf<K, V>(
  topic: TopicDeclaration<K, V> | string | readonly string[] | RegExp,
  consumed: Consumed<K, V>,
): SourceConsumed {
  const declared = typeof topic === 'object' && 'keySerde' in topic ? topic : undefined
  return {
    keySerde: sourceSerde(declared?.keySerde ?? consumed.keySerde),
    valueSerde: sourceSerde(declared?.valueSerde ?? consumed.valueSerde),
    timestampExtractor: consumed.timestampExtractor,
    offsetResetPolicy: consumed.offsetResetPolicy,
  }
}
