import { TopologyError } from '../errors.ts'
import { type AsyncCall, asyncProcessor } from '../processors/async-processor.ts'
import type {
  FlatKeyValueMapper,
  FlatValueMapper,
  ForeachAction,
  KeyMapper,
  KeyValueMapper,
  Predicate,
  ValueJoiner,
  ValueMapper,
} from '../processors/functions.ts'
import { kstreamFilter } from '../processors/kstream-filter.ts'
import { kstreamFlatMap } from '../processors/kstream-flat-map.ts'
import { kstreamFlatMapValues } from '../processors/kstream-flat-map-values.ts'
import { kstreamMap } from '../processors/kstream-map.ts'
import { kstreamMapValues } from '../processors/kstream-map-values.ts'
import { kstreamPeek } from '../processors/kstream-peek.ts'
import { kstreamPrint } from '../processors/kstream-print.ts'
import { kstreamSelectKey } from '../processors/kstream-select-key.ts'
import { passThrough } from '../processors/pass-through.ts'
import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../processors/processor.ts'
import type { TopicNameExtractor } from '../topology/extension-points.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId, OperatorNode, SupplierPart } from '../topology/graph-node.ts'
import { validateName } from '../topology/node-names.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'
import { JoinWindows } from '../windows/join-windows.ts'
import { callOfFlatMapper, callOfMapper, callOfProcessor, callOfValueMapper } from './async-calls.ts'
import {
  type AsyncFlatKeyValueMapper,
  type AsyncKeyValueMapper,
  type AsyncOptions,
  type AsyncRecordProcessor,
  type AsyncValueMapper,
  asyncSettings,
} from './async-options.ts'
import type { BranchedKStream } from './branched-kstream.ts'
import { BranchedKStreamImpl } from './branched-kstream-impl.ts'
import { DslStream, type StreamState } from './dsl-stream.ts'
import { GlobalKTableImpl } from './global-ktable-impl.ts'
import type { Grouped, GroupedBy } from './grouped.ts'
import type { Joined } from './joined.ts'
import type { KGroupedStream } from './kgrouped-stream.ts'
import { KGroupedStreamImpl } from './kgrouped-stream-impl.ts'
import type { KStream } from './kstream.ts'
import type { KTable } from './ktable.ts'
import type { KTableImpl } from './ktable-impl.ts'
import type { Materialized } from './materialized.ts'
import type { Named } from './named.ts'
import { nameOr, Prefix } from './names.ts'
import { openPrintTarget } from './print-target.ts'
import type { Printed } from './printed.ts'
import type { ProcessOptions } from './process-options.ts'
import type { Produced, ProducedOptions, SinkTopic } from './produced.ts'
import { repartitionNode } from './repartition-source.ts'
import type { Repartitioned } from './repartitioned.ts'
import { forgotten, noSerde, orElse } from './serde-refs.ts'
import type { StreamJoined } from './stream-joined.ts'
import { type StreamJoinKind, streamStreamJoin } from './stream-stream-join.ts'
import { streamGlobalTableJoin, streamTableJoin } from './stream-table-join.ts'
import { toTable } from './to-table.ts'

/** What a stream knows beside what all parts of the DSL do. */
export interface KStreamState extends StreamState {
  /** The key was changed since the last repartition: a grouping or join must repartition first. */
  readonly repartitionRequired: boolean
}

/** How an operator changes what is known of the stream. What is left out stays. */
type Change = Partial<Pick<KStreamState, 'keySerde' | 'valueSerde' | 'repartitionRequired' | 'sourceNames'>>

/** @see org.apache.kafka.streams.kstream.internals.KStreamImpl */
export class KStreamImpl<K, V> extends DslStream implements KStream<K, V> {
  declare readonly state: KStreamState
  /** The repartition made for a join of this stream, which a further join uses too. */
  #joinRepartition: NodeId | undefined

  constructor(graph: GraphEdit, state: KStreamState) {
    super(graph, state)
  }

  filter<VOut extends V = V>(predicate: Predicate<K, V>, named?: Named): KStream<K, VOut> {
    return this.#add<K, VOut>('KSTREAM-FILTER-', named, kstreamFilter<K, V>(predicate, false) as never)
  }

  filterNot(predicate: Predicate<K, V>, named?: Named): KStream<K, V> {
    return this.#add('KSTREAM-FILTER-', named, kstreamFilter(predicate, true))
  }

  mapValues<VOut>(mapper: ValueMapper<K, V, VOut>, named?: Named): KStream<K, VOut> {
    return this.#add('KSTREAM-MAPVALUES-', named, kstreamMapValues(mapper), newValues, { changesValue: true })
  }

  map<KOut, VOut>(mapper: KeyValueMapper<K, V, KOut, VOut>, named?: Named): KStream<KOut, VOut> {
    return this.#add('KSTREAM-MAP-', named, kstreamMap(mapper), newKeysAndValues, { changesKey: true })
  }

  flatMapValues<VOut>(mapper: FlatValueMapper<K, V, VOut>, named?: Named): KStream<K, VOut> {
    return this.#add('KSTREAM-FLATMAPVALUES-', named, kstreamFlatMapValues(mapper), newValues, { changesValue: true })
  }

  flatMap<KOut, VOut>(mapper: FlatKeyValueMapper<K, V, KOut, VOut>, named?: Named): KStream<KOut, VOut> {
    return this.#add('KSTREAM-FLATMAP-', named, kstreamFlatMap(mapper), newKeysAndValues, { changesKey: true })
  }

  selectKey<KOut>(mapper: KeyMapper<K, V, KOut>, named?: Named): KStream<KOut, V> {
    return this.#add('KSTREAM-KEY-SELECT-', named, kstreamSelectKey(mapper), newKeys, { changesKey: true })
  }

  peek(action: ForeachAction<K, V>, named?: Named): KStream<K, V> {
    return this.#add('KSTREAM-PEEK-', named, kstreamPeek(action, true))
  }

  foreach(action: ForeachAction<K, V>, named?: Named): void {
    this.#add('KSTREAM-FOREACH-', named, kstreamPeek(action, false))
  }

  print(printed: Printed<K, V> = {}): void {
    const { toFile, label = this.state.name, keyValueMapper = printKeyAndValue } = printed
    this.#add('KSTREAM-PRINTER-', printed, kstreamPrint(label, keyValueMapper, openPrintTarget(toFile)))
  }

  merge(other: KStream<K, V>, named?: Named): KStream<K, V> {
    const { graph, state } = this
    const others = (other as unknown as KStreamImpl<K, V>).state
    const name = nameOr(graph, named?.name, Prefix.streamMerge)
    const node = addOperator(graph, [state.node, others.node], name, passThrough(), { isMerge: true })
    return new KStreamImpl<K, V>(graph, {
      name,
      node,
      sourceNames: new Set([...state.sourceNames, ...others.sourceNames]),
      keySerde: forgotten(state.keySerde),
      valueSerde: forgotten(state.valueSerde),
      repartitionRequired: state.repartitionRequired || others.repartitionRequired,
    })
  }

  split(named?: Named): BranchedKStream<K, V> {
    return new BranchedKStreamImpl(this, nameOr(this.graph, named?.name, 'KSTREAM-BRANCH-'))
  }

  repartition(repartitioned: Repartitioned<K, V> = {}): KStream<K, V> {
    const { graph, state } = this
    const { name, numberOfPartitions, streamPartitioner } = repartitioned
    const topicPrefix = name === undefined ? graph.newProcessorName('KSTREAM-REPARTITION-') : validateName(name)
    if (numberOfPartitions !== undefined && !(Number.isSafeInteger(numberOfPartitions) && numberOfPartitions > 0)) {
      throw new TopologyError(`Repartition '${topicPrefix}' has ${numberOfPartitions} partitions; give it at least 1.`)
    }
    const keySerde = orElse(repartitioned.keySerde, state.keySerde)
    const valueSerde = orElse(repartitioned.valueSerde, state.valueSerde)
    const node = repartitionNode(graph, {
      topicPrefix,
      isNamedByUser: name !== undefined,
      // Java takes only the key serde given here, not the stream's own, to the topic.
      keySerde: orElse(repartitioned.keySerde, forgotten(state.keySerde)),
      valueSerde,
      optimizable: false,
      partitions: numberOfPartitions,
      partitioner: streamPartitioner as never,
    })
    const id = graph.addNode(node)
    graph.connect([state.node], id)
    const sourceNames = new Set([node.sourceName])
    return new KStreamImpl<K, V>(graph, {
      name: node.sourceName,
      node: id,
      sourceNames,
      keySerde,
      valueSerde,
      repartitionRequired: false,
    })
  }

  to(
    topic: SinkTopic<K, V> | string | TopicNameExtractor<K, V>,
    produced: Produced<K, V> | ProducedOptions<K, V> = {},
  ): void {
    const declared = typeof topic === 'object' ? topic : undefined
    const { keySerde, valueSerde, name, streamPartitioner }: Produced<K, V> = {
      ...declaredSerdes(declared),
      ...produced,
    }
    const id = this.graph.addNode({
      kind: 'sink',
      name: nameOr(this.graph, name, Prefix.streamSink),
      topic: declared === undefined ? (topic as string | TopicNameExtractor<unknown, unknown>) : declared.name,
      keySerde: orElse(keySerde as never, this.state.keySerde),
      valueSerde: orElse(valueSerde as never, this.state.valueSerde),
      partitioner: streamPartitioner as never,
    })
    this.graph.connect([this.state.node], id)
  }

  toTable(materialized?: Materialized<K, NonNullable<V>>): KTable<K, NonNullable<V>> {
    return toTable(this, materialized)
  }

  groupByKey(grouped?: Grouped<K, V>): KGroupedStream<K, V> {
    // As in Java, a grouping of which something is said does not take the stream's own serdes before the default.
    const own = grouped === undefined ? <T>(ref: T) => ref : forgotten
    const keySerde = orElse(grouped?.keySerde, own(this.state.keySerde))
    const valueSerde = orElse(grouped?.valueSerde, own(this.state.valueSerde))
    return new KGroupedStreamImpl(this.graph, { ...this.state, keySerde, valueSerde, topicName: grouped?.name })
  }

  groupBy<KOut>(mapper: KeyMapper<K, V, KOut>, grouped: GroupedBy<KOut, V>): KGroupedStream<KOut, V> {
    return this.selectKey(mapper, grouped).groupByKey(grouped)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface holds the types of the three kinds of join.
  join(other: any, joinerOrKeySelector: any, windowsOrOptions?: any, options?: any): any {
    return this.#join('inner', other, joinerOrKeySelector, windowsOrOptions, options)
  }

  // biome-ignore lint/suspicious/noExplicitAny: the interface holds the types of the three kinds of join.
  leftJoin(other: any, joinerOrKeySelector: any, windowsOrOptions?: any, options?: any): any {
    return this.#join('left', other, joinerOrKeySelector, windowsOrOptions, options)
  }

  outerJoin<VOther, VOut>(
    other: KStream<K, VOther>,
    joiner: ValueJoiner<K, V | null, VOther | null, VOut>,
    windows: JoinWindows,
    options?: StreamJoined<K, V, VOther>,
  ): KStream<K, VOut> {
    return this.#join('outer', other, joiner, windows, options)
  }

  process<KOut, VOut>(
    supplier: ProcessorSupplier<K, V, KOut, VOut>,
    options: ProcessOptions = {},
  ): KStream<KOut, VOut> {
    return this.#process('KSTREAM-PROCESSOR-', supplier as SupplierPart, options, newKeysAndValues)
  }

  processValues<VOut>(supplier: FixedKeyProcessorSupplier<K, V, VOut>, options: ProcessOptions = {}): KStream<K, VOut> {
    return this.#process('KSTREAM-PROCESSVALUES-', { fixedKey: supplier as never }, options, newValues)
  }

  mapValuesAsync<VOut>(mapper: AsyncValueMapper<K, V, VOut>, options: AsyncOptions = {}): KStream<K, VOut> {
    return this.#addAsync('KSTREAM-MAPVALUESASYNC-', options, callOfValueMapper(mapper), newValues)
  }

  mapAsync<KOut, VOut>(mapper: AsyncKeyValueMapper<K, V, KOut, VOut>, options: AsyncOptions = {}): KStream<KOut, VOut> {
    return this.#addAsync('KSTREAM-MAPASYNC-', options, callOfMapper(mapper), newKeysAndValues)
  }

  flatMapAsync<KOut, VOut>(
    mapper: AsyncFlatKeyValueMapper<K, V, KOut, VOut>,
    options: AsyncOptions = {},
  ): KStream<KOut, VOut> {
    return this.#addAsync('KSTREAM-FLATMAPASYNC-', options, callOfFlatMapper(mapper), newKeysAndValues)
  }

  processAsync<KOut, VOut>(
    processor: AsyncRecordProcessor<K, V, KOut, VOut>,
    options: AsyncOptions = {},
  ): KStream<KOut, VOut> {
    return this.#addAsync('KSTREAM-PROCESSASYNC-', options, callOfProcessor(processor), newKeysAndValues)
  }

  /** The stream after its repartition for a join; the topic is made once for each name. */
  repartitionForJoin(
    topicPrefix: string,
    isNamedByUser: boolean,
    keySerde: SerdeRef,
    valueSerde: SerdeRef,
  ): KStreamImpl<K, V> {
    const { graph, state } = this
    const node = repartitionNode(graph, { topicPrefix, isNamedByUser, keySerde, valueSerde, optimizable: true })
    if (this.#joinRepartition === undefined || state.name !== topicPrefix) {
      this.#joinRepartition = graph.addNode(node)
      graph.connect([state.node], this.#joinRepartition)
    }
    return new KStreamImpl(graph, {
      name: node.sourceName,
      node: this.#joinRepartition,
      sourceNames: new Set([node.sourceName]),
      keySerde,
      valueSerde,
      repartitionRequired: false,
    })
  }

  #join<VOther, VOut>(
    kind: StreamJoinKind,
    other: unknown,
    first: unknown,
    second: unknown,
    third: unknown,
  ): KStream<K, VOut> {
    if (other instanceof GlobalKTableImpl) {
      return streamGlobalTableJoin(this, kind === 'left', other, first as never, second as never, third as Named)
    }
    if (second instanceof JoinWindows) {
      const options = (third ?? {}) as StreamJoined<K, V, VOther>
      return streamStreamJoin(this, kind, other as KStreamImpl<K, VOther>, first as never, second, options)
    }
    const joined = (second ?? {}) as Joined<K, V, VOther>
    return streamTableJoin(this, kind === 'left', other as KTableImpl<K, VOther>, first as never, joined)
  }

  #process<KOut, VOut>(
    prefix: string,
    supplier: SupplierPart,
    { name: given, stateStoreNames = [] }: ProcessOptions,
    change: Change,
  ): KStream<KOut, VOut> {
    const name = given === undefined ? this.graph.newProcessorName(prefix) : validateName(given)
    const processor = { name, supplier: () => supplier, connects: () => stateStoreNames }
    const node = this.graph.addNode({ kind: 'operator', name, processor })
    this.graph.connect([this.state.node], node)
    return new KStreamImpl<KOut, VOut>(this.graph, { ...this.state, ...change, name, node })
  }

  #addAsync<KOut, VOut>(
    prefix: string,
    options: AsyncOptions,
    call: AsyncCall<K, V, KOut, VOut>,
    change: Change,
  ): KStream<KOut, VOut> {
    const settings = asyncSettings(options, options.name ?? prefix.slice(0, -1))
    const traits = change === newValues ? { changesValue: true } : { changesKey: true }
    return this.#add(prefix, options, asyncProcessor(settings, call), change, traits)
  }

  #add<KOut, VOut>(
    prefix: string,
    named: Named | undefined,
    supplier: ProcessorSupplier<never, never, KOut, VOut>,
    change: Change = {},
    traits: Partial<OperatorNode> = {},
  ): KStreamImpl<KOut, VOut> {
    const name = nameOr(this.graph, named?.name, prefix)
    const node = addOperator(this.graph, [this.state.node], name, supplier as SupplierPart, traits)
    return new KStreamImpl(this.graph, { ...this.state, ...change, name, node })
  }
}

const newValues: Change = { valueSerde: noSerde }
const newKeys: Change = { keySerde: noSerde, repartitionRequired: true }
const newKeysAndValues: Change = { keySerde: noSerde, valueSerde: noSerde, repartitionRequired: true }

/** Adds an operator whose processor needs to know nothing of the rest of the topology. */
export function addOperator(
  graph: GraphEdit,
  parents: readonly NodeId[],
  name: string,
  supplier: SupplierPart,
  traits: Partial<OperatorNode> = {},
): NodeId {
  const node = graph.addNode({ ...traits, kind: 'operator', name, processor: { name, supplier: () => supplier } })
  graph.connect(parents, node)
  return node
}

function declaredSerdes<K, V>(declared: SinkTopic<K, V> | undefined): Produced<K, V> {
  return declared === undefined ? {} : { keySerde: declared.keySerde, valueSerde: declared.valueSerde }
}

function printKeyAndValue(value: unknown, key: unknown): string {
  return `${text(key)}, ${text(value)}`
}

function text(value: unknown): string {
  return typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value)
}
