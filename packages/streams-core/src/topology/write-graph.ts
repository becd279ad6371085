import { TopologyError } from '../errors.ts'
import { changeSerde } from '../processors/change-serde.ts'
import { kstreamFilter } from '../processors/kstream-filter.ts'
import { failOnInvalidTimestamp } from '../timestamp-extractors.ts'
import { windowedStreamPartitioner } from '../windowed-stream-partitioner.ts'
import type { Graph } from './graph.ts'
import {
  type GraphNode,
  type NodeId,
  type OperatorNode,
  type ProcessorPart,
  type RepartitionNode,
  ROOT,
  type SinkGraphNode,
  type SourceConsumed,
  type TableSourceNode,
} from './graph-node.ts'
import { graphWriteContext } from './graph-write-context.ts'
import { givenStore, type StoreFactory } from './store-factory.ts'
import { storeOfSpec } from './store-of-spec.ts'
import type { StoreSpec } from './store-spec.ts'
import type { TopologyBuilder } from './topology-builder.ts'
import type { AnyProcessorSupplier, SourceSettings } from './topology-node.ts'
import type { TopologySettings } from './topology-settings.ts'
import type { WriteContext } from './write-context.ts'

/** Writes a finished graph to a topology: each node after its parents, otherwise in the order in which they were made. */
export function writeGraph(graph: Graph, builder: TopologyBuilder, settings: TopologySettings): void {
  const writer = new GraphWriter(builder, graphWriteContext(graph, settings), settings)
  for (const topic of graph.internalTopics) builder.addInternalTopic(topic, undefined)
  for (const group of graph.copartitionGroups) builder.copartitionSources([...group])
  for (const id of writingOrder(graph)) {
    const parents = [...graph.parents.get(id)!].map((parent) => graph.nodes.get(parent)!)
    writer.write(
      graph.nodes.get(id)!,
      parents.map(({ name }) => name),
    )
  }
}

/** Of the nodes whose parents are all written, the one that comes first by priority is next. */
function writingOrder(graph: Graph): readonly NodeId[] {
  const written = new Set<NodeId>([ROOT])
  const ready = new Set(childrenToWrite(graph, ROOT, written))
  while (ready.size > 0) {
    let next: NodeId | undefined
    for (const id of ready) {
      if (next === undefined || graph.priorities.get(id)! < graph.priorities.get(next)!) next = id
    }
    ready.delete(next!)
    written.add(next!)
    for (const id of childrenToWrite(graph, next!, written)) ready.add(id)
  }
  written.delete(ROOT)
  return [...written]
}

function childrenToWrite(graph: Graph, parent: NodeId, written: ReadonlySet<NodeId>): readonly NodeId[] {
  return [...graph.children.get(parent)!].filter((id) => [...graph.parents.get(id)!].every((each) => written.has(each)))
}

class GraphWriter {
  readonly #builder: TopologyBuilder
  readonly #context: WriteContext
  readonly #settings: TopologySettings
  readonly #stores = new Map<StoreSpec, StoreFactory>()

  constructor(builder: TopologyBuilder, context: WriteContext, settings: TopologySettings) {
    this.#builder = builder
    this.#context = context
    this.#settings = settings
  }

  write(node: GraphNode, parents: readonly string[]): void {
    switch (node.kind) {
      case 'root':
        return
      case 'stream-source':
        this.#builder.addSource(node.name, node.topics, this.#source(node.name, node.consumed))
        return
      case 'table-source':
        this.#writeTableSource(node)
        return
      case 'global-store': {
        const source = { name: node.sourceName, topic: node.topic, ...this.#source(node.name, node.consumed) }
        this.#builder.addGlobalStore(this.#store(node.store, node.name), source, node.name, node.supplier)
        return
      }
      case 'state-store':
        this.#builder.addStateStore(this.#store(node.store, node.name))
        return
      case 'operator':
        this.#writeOperator(node, parents)
        return
      case 'stream-stream-join':
        if (node.isSelfJoin) {
          this.#writeProcessor(node.self, [node.leftWindowName])
        } else {
          this.#writeProcessor(node.left, [node.leftWindowName])
          this.#writeProcessor(node.right, [node.rightWindowName])
          this.#writeProcessor(node.merge, [node.left.name, node.right.name])
        }
        return
      case 'table-table-join':
        this.#writeProcessor(node.left, [node.leftParentName])
        this.#writeProcessor(node.right, [node.rightParentName])
        this.#writeProcessor(node.merge, [node.left.name, node.right.name])
        this.#connect(node.left)
        this.#connect(node.right)
        return
      case 'repartition':
        this.#writeRepartition(node, parents)
        return
      case 'sink':
        this.#writeSink(node, parents)
        return
    }
  }

  #writeTableSource(node: TableSourceNode): void {
    const { storeName } = this.#context.table(node.table)
    const operator = this.#context.operator(node.table)
    if (node.isGlobal) {
      if (storeName === undefined) {
        throw new TopologyError(
          `Global table of topic '${node.topic}' is given settings for its store, but no name. Give it a storeName too.`,
        )
      }
      const source = { name: node.sourceName, topic: node.topic, ...this.#source(node.name, node.consumed) }
      this.#builder.addGlobalStore(this.#store(node.store, node.name), source, node.name, operator.supplier)
      return
    }
    this.#builder.addSource(node.sourceName, [node.topic], this.#source(node.name, node.consumed))
    this.#addProcessor(node.name, operator.supplier, [node.sourceName])
    if (storeName === undefined) return
    this.#builder.addStateStore(this.#store(node.store, node.name), [node.name])
    if (node.reusesTopic) this.#builder.connectSourceStoreAndTopic(storeName, node.topic)
  }

  #writeOperator(node: OperatorNode, parents: readonly string[]): void {
    this.#writeProcessor(node.processor, parents)
    this.#connect(node.processor)
    const graceMs = node.requiredHistoryMs
    if (graceMs === undefined) return
    for (const name of node.processor.connects?.(this.#context) ?? []) {
      const historyMs = this.#builder.stores.get(name)!.factory.historyRetentionMs
      if (historyMs === undefined) {
        throw new TopologyError(
          `Stream-table join '${node.name}' has a grace period, but the table's store '${name}' is not versioned. Give the table a versioned store.`,
        )
      }
      if (historyMs < graceMs) {
        throw new TopologyError(
          `Stream-table join '${node.name}' has a grace period of ${graceMs} ms, but the table's store '${name}' keeps ${historyMs} ms of history. Keep at least the grace period.`,
        )
      }
    }
  }

  #writeRepartition(node: RepartitionNode, parents: readonly string[]): void {
    const keySerde = this.#context.keySerde(node.keySerde, node.sinkName)
    const rowSerde = this.#context.valueSerde(node.valueSerde, node.sinkName)
    const valueSerde = node.carriesChanges ? changeSerde(rowSerde) : rowSerde
    this.#builder.addInternalTopic(node.topic, node.partitions)
    if (node.filterName !== undefined) {
      const filter = kstreamFilter(node.dropsNullKeys ? hasKey : passAll, false)
      this.#addProcessor(node.filterName, filter, parents)
    }
    const { partitioner } = node
    const sinkParents = node.filterName === undefined ? parents : [node.filterName]
    this.#builder.addSink(node.sinkName, node.topic, { keySerde, valueSerde, partitioner }, sinkParents)
    const timestampExtractor = failOnInvalidTimestamp
    const settings = { keySerde, valueSerde, timestampExtractor, offsetResetPolicy: undefined }
    this.#builder.addSource(node.sourceName, [node.topic], settings)
  }

  #writeSink(node: SinkGraphNode, parents: readonly string[]): void {
    const keySerde = this.#context.keySerde(node.keySerde, node.name)
    const valueSerde = this.#context.valueSerde(node.valueSerde, node.name)
    const partitioner = node.partitioner ?? windowedStreamPartitioner(keySerde)
    this.#builder.addSink(node.name, node.topic, { keySerde, valueSerde, partitioner }, parents)
  }

  #writeProcessor(part: ProcessorPart, parents: readonly string[]): void {
    const supplier = part.supplier(this.#context)
    if ('fixedKey' in supplier) {
      const { fixedKey } = supplier
      const wrapped = this.#settings.processorWrapper?.wrapFixedKeyProcessorSupplier(part.name, fixedKey) ?? fixedKey
      // A fixed-key processor is run as any other: that its records keep their key is a matter of types.
      this.#builder.addProcessor(part.name, wrapped as unknown as AnyProcessorSupplier, parents)
      for (const store of wrapped.stores ?? []) this.#builder.addStateStore(givenStore(store), [part.name])
    } else {
      this.#addProcessor(part.name, supplier, parents)
    }
    for (const spec of part.stores?.(this.#context) ?? []) {
      this.#builder.addStateStore(this.#store(spec, part.name), [part.name])
    }
  }

  #addProcessor(name: string, supplier: AnyProcessorSupplier, parents: readonly string[]): void {
    const wrapped = this.#settings.processorWrapper?.wrapProcessorSupplier(name, supplier) ?? supplier
    this.#builder.addProcessor(name, wrapped, parents)
    for (const store of wrapped.stores ?? []) this.#builder.addStateStore(givenStore(store), [name])
  }

  #connect(part: ProcessorPart): void {
    const names = part.connects?.(this.#context) ?? []
    if (names.length > 0) this.#builder.connectProcessorAndStateStores(part.name, names)
  }

  #store(spec: StoreSpec, operatorName: string): StoreFactory {
    let factory = this.#stores.get(spec)
    if (factory === undefined) {
      factory = storeOfSpec(spec, this.#context, operatorName)
      this.#stores.set(spec, factory)
    }
    return factory
  }

  #source(name: string, consumed: SourceConsumed): SourceSettings {
    const { timestampExtractor, offsetResetPolicy } = consumed
    const keySerde = this.#context.keySerde(consumed.keySerde, name)
    const valueSerde = this.#context.valueSerde(consumed.valueSerde, name)
    return { keySerde, valueSerde, timestampExtractor, offsetResetPolicy }
  }
}

function hasKey(_value: unknown, key: unknown): boolean {
  return key !== null
}

function passAll(): boolean {
  return true
}
