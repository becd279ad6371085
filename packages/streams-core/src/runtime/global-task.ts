import type { StateEngine } from '@millrace/state-stores'
import type { ConsumerRecord } from '../clients/consumer.ts'
import { InvariantError } from '../errors.ts'
import type { Metrics } from '../metrics.ts'
import { Record } from '../processors/record.ts'
import type { StateStore } from '../state/state-store.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import type { ProcessorTopology } from '../topology/processor-topology.ts'
import { measureStore } from './measure-store.ts'
import { buildNodeGraph, type NodeGraph, sourceOf } from './node-graph.ts'
import { RecordDeserializer } from './record-deserializer.ts'
import { TaskContext } from './task-context.ts'

/**
 * Keeps the global stores: reads all partitions of their topics, without order between them and without stream time.
 * @see org.apache.kafka.streams.processor.internals.GlobalStateUpdateTask
 */
export class GlobalTask {
  readonly topology: ProcessorTopology
  readonly engine: StateEngine
  readonly #context: TaskContext
  readonly #graph: NodeGraph
  readonly #topics: ReadonlySet<string>
  readonly #deserializers = new Map<string, RecordDeserializer>()
  readonly #stores: readonly StateStore[]

  constructor(options: {
    readonly topology: ProcessorTopology
    readonly config: StreamsConfig
    readonly engine: StateEngine
    readonly stateDir: string | undefined
    readonly time: Time
    readonly metrics: Metrics
    readonly threadId: string
  }) {
    this.topology = options.topology
    this.engine = options.engine
    this.#context = new TaskContext({
      ...options,
      taskId: '-1_-1',
      partition: -1,
      changelogTopics: options.topology.changelogTopics,
      globalStores: new Map(),
      cache: undefined,
      collector: undefined,
    })
    this.#graph = buildNodeGraph(options.topology, this.#context, undefined)
    this.#topics = new Set(this.#graph.sources.flatMap((source) => source.plan.topics))
    this.#stores = options.topology.stores.map((builder) => builder.build())
  }

  /** The stores, open after `initialize`. */
  get stores(): ReadonlyMap<string, StateStore> {
    return this.#context.stores
  }

  /** Topics to be read, all partitions of them. */
  get topics(): ReadonlySet<string> {
    return this.#topics
  }

  initialize(): void {
    const context = this.#context
    for (const store of this.#stores) {
      store.init(context)
      measureStore(store, context)
      context.stores.set(store.name, store)
    }
    context.systemTimeMs = context.time.now()
    for (const node of this.#graph.processors) node.init()
  }

  /** Applies one record. @throws DeserializationError, ProcessingError; SerdeNotReadyError when it must be tried again */
  update(topic: string, partition: number, raw: ConsumerRecord): void {
    const deserializer = this.#deserializerOf(topic)
    if (!deserializer.deserialize(topic, partition, raw)) {
      if (deserializer.notReady !== undefined) throw deserializer.notReady
      return
    }
    const context = this.#context
    const { offset, timestamp, headers } = raw
    context.current = { timestamp, offset, partition, topic, headers, rawKey: raw.key, rawValue: raw.value }
    context.systemTimeMs = context.time.now()
    context.figures.process.total += 1
    sourceOf(this.#graph, topic)!.process(new Record(deserializer.key, deserializer.value, timestamp, headers))
  }

  /** Writes out what the stores cache. */
  flush(): void {
    for (const store of this.#context.stores.values()) store.flush()
  }

  close(): void {
    for (const node of this.#graph.processors) node.close()
    for (const store of this.#context.stores.values()) if (store.isOpen()) store.close()
  }

  #deserializerOf(topic: string): RecordDeserializer {
    let deserializer = this.#deserializers.get(topic)
    if (deserializer === undefined) {
      const source = sourceOf(this.#graph, topic)
      if (source === undefined) throw new InvariantError(`No global store reads topic '${topic}'.`)
      deserializer = new RecordDeserializer(source, this.#context)
      this.#deserializers.set(topic, deserializer)
    }
    return deserializer
  }
}
