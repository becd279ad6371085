import { TopologyError } from '../errors.ts'
import type { CombinedKeySerdes } from '../processors/foreign-key-join/combined-key.ts'
import { foreignTableJoin } from '../processors/foreign-key-join/foreign-table-join.ts'
import { responseJoin } from '../processors/foreign-key-join/response-join.ts'
import { subscriptionJoin } from '../processors/foreign-key-join/subscription-join.ts'
import { subscriptionReceive } from '../processors/foreign-key-join/subscription-receive.ts'
import {
  type SubscriptionResponseWrapper,
  subscriptionResponseWrapperSerde,
} from '../processors/foreign-key-join/subscription-response-wrapper.ts'
import { type ForeignKeyExtractor, subscriptionSend } from '../processors/foreign-key-join/subscription-send.ts'
import { subscriptionWrapperSerde } from '../processors/foreign-key-join/subscription-wrapper.ts'
import type { ValueJoiner } from '../processors/functions.ts'
import { ktableSource } from '../processors/ktable-source.ts'
import type { StreamPartitioner } from '../topology/extension-points.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId, OperatorNode, ProcessorPart, SupplierPart } from '../topology/graph-node.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'
import type { SubscriptionStoreSpec } from '../topology/store-spec.ts'
import type { WriteContext } from '../topology/write-context.ts'
import type { ForeignKeyJoinOptions, KTable } from './ktable.ts'
import { KTableImpl } from './ktable-impl.ts'
import { givenStoreName, isVersioned, storeNameOr, tableStore } from './materialization.ts'
import { suffixedNameOr } from './names.ts'
import { type AnySerde, noSerde, orElse } from './serde-refs.ts'
import { addTableOperator } from './table-node.ts'

type AnyTable = KTableImpl<unknown, unknown>

export interface ForeignKeyJoinRequest<K, VOut> {
  readonly foreignKeyExtractor: ForeignKeyExtractor<unknown, unknown, unknown>
  readonly joiner: ValueJoiner<unknown, unknown, unknown, unknown>
  readonly leftJoin: boolean
  readonly options: ForeignKeyJoinOptions<K, unknown, VOut>
}

/**
 * Joins each row of the left table with the right row that it refers to, through two topics of the application's own:
 *
 *   left changes  ─ send ──► registration topic ──► receive (keeps subscriptions) ─ join with right row ─┐
 *   right changes ─ find subscriptions ──────────────────────────────────────────────────────────────────┴─► response topic
 *   response topic ──► resolve against the left row ─► result
 *
 * @see org.apache.kafka.streams.kstream.internals.KTableImpl#doJoinOnForeignKey, KIP-213
 */
export function foreignKeyJoin<K, V, VOut>(
  left: KTableImpl<K, V>,
  right: AnyTable,
  request: ForeignKeyJoinRequest<K, VOut>,
): KTable<K, VOut> {
  return new ForeignKeyJoin(left as AnyTable, right, request as ForeignKeyJoinRequest<unknown, VOut>).add() as KTable<
    K,
    VOut
  >
}

class ForeignKeyJoin<VOut> {
  readonly #left: AnyTable
  readonly #right: AnyTable
  readonly #request: ForeignKeyJoinRequest<unknown, VOut>
  readonly #graph: GraphEdit

  constructor(left: AnyTable, right: AnyTable, request: ForeignKeyJoinRequest<unknown, VOut>) {
    this.#left = left
    this.#right = right
    this.#request = request
    this.#graph = left.graph
  }

  add(): KTable<unknown, VOut> {
    const graph = this.#graph
    const left = this.#left
    const right = this.#right
    graph.demand(right.table, 'old-values')
    graph.demand(left.table, 'old-values')

    const registration = this.#name('-subscription-registration', 'SUBSCRIPTION-REGISTRATION-') + TOPIC_SUFFIX
    graph.addInternalTopic(registration)
    const serdes = this.#serdes(registration)
    const send = this.#addOperator(
      [left.state.node],
      this.#name('-subscription-registration-processor', 'SUBSCRIPTION-REGISTRATION-'),
      (context, name) =>
        subscriptionSend({
          foreignKeyExtractor: this.#request.foreignKeyExtractor,
          foreignKeySerde: context.keySerde(right.state.keySerde, name),
          foreignKeyTopic: `${registration}-fk`,
          valueSerde: context.valueSerde(left.state.valueSerde, name),
          valueHashTopic: `${registration}-vh`,
          leftJoin: this.#request.leftJoin,
          versionedSemantics: context.isVersioned(name),
        }),
      { heedsVersions: true },
    )
    const registrationSource = this.#addTopic([send], registration, '-subscription-registration', {
      keySerde: right.state.keySerde,
      valueSerde: serdes.subscription,
      partitioner: onePartition(this.#request.options.otherPartitioner),
    })
    graph.copartition([...right.state.sourceNames, registrationSource.name])

    const store: SubscriptionStoreSpec = Object.freeze({
      kind: 'subscription',
      name: this.#name('-subscription-store', 'SUBSCRIPTION-STATE-STORE-'),
      primaryKeySerde: left.state.keySerde,
      primaryKeyTopic: `${registration}-pk`,
      logConfig: {},
    })
    const receive = this.#addOperator(
      [registrationSource.node],
      this.#name('-subscription-receive', 'SUBSCRIPTION-PROCESSOR-'),
      (context, name) => subscriptionReceive({ ...serdes.combinedKey(context, name), storeName: store.name }),
      {},
      { stores: () => [store] },
    )
    graph.demand(right.table, 'rows')
    const subscriptionJoined = this.#addOperator(
      [receive],
      this.#name('-subscription-join-foreign', 'SUBSCRIPTION-PROCESSOR-'),
      (context) => subscriptionJoin(context.getter(right.table)),
      {},
      { connects: (context) => context.table(right.table).readerStoreNames },
    )
    const foreignTableJoined = this.#addOperator(
      [right.state.node],
      this.#name('-foreign-join-subscription', 'SUBSCRIPTION-PROCESSOR-'),
      (context, name) =>
        foreignTableJoin({
          ...serdes.combinedKey(context, name),
          storeName: store.name,
          versionedSemantics: context.isVersioned(name),
        }),
      { heedsVersions: true },
      { stores: () => [store] },
    )

    const response = this.#name('-subscription-response', 'SUBSCRIPTION-RESPONSE-') + TOPIC_SUFFIX
    graph.addInternalTopic(response)
    const responseSource = this.#addTopic(
      [subscriptionJoined, foreignTableJoined],
      response,
      '-subscription-response',
      {
        keySerde: left.state.keySerde,
        valueSerde: serdes.response,
        partitioner: onePartition(this.#request.options.partitioner) ?? toPrimaryPartition,
      },
    )
    const sourceNames = new Set([...left.state.sourceNames, responseSource.name])
    graph.copartition(sourceNames)

    graph.demand(left.table, 'rows')
    const resolved = this.#addOperator(
      [responseSource.node],
      this.#name('-subscription-response-resolver', 'SUBSCRIPTION-RESPONSE-RESOLVER-PROCESSOR-'),
      (context, name) =>
        responseJoin({
          left: context.getter(left.table),
          valueSerde: context.valueSerde(left.state.valueSerde, name),
          valueHashTopic: `${registration}-vh`,
          joiner: this.#request.joiner,
          leftJoin: this.#request.leftJoin,
        }),
      {},
      { connects: (context) => context.table(left.table).readerStoreNames },
    )
    return this.#addResult(resolved, sourceNames)
  }

  #addResult(resolved: NodeId, sourceNames: ReadonlySet<string>): KTable<unknown, VOut> {
    const graph = this.#graph
    const { options } = this.#request
    const name = this.#name('-result', 'OUTPUT-')
    const queryable = givenStoreName(options) !== undefined
    const storeName = storeNameOr(graph, options, `${PREFIX}OUTPUT-`)
    const keySerde = this.#left.state.keySerde
    const valueSerde = orElse(options.valueSerde, noSerde)
    const { node, table } = addTableOperator(graph, [resolved], {
      name,
      shape: { kind: 'source', storeName, queryable },
      store: tableStore(storeName, options, orElse(options.keySerde, keySerde), valueSerde),
      operator: (facts) => ktableSource(facts),
      traits: { outputVersioned: isVersioned(options) },
    })
    return new KTableImpl<unknown, VOut>(graph, { name, node, sourceNames, keySerde, valueSerde }, table, storeName)
  }

  #serdes(registration: string) {
    const { keySerde } = this.#left.state
    const foreignKey = this.#right.state.keySerde
    const foreignValue = this.#right.state.valueSerde
    const subscription: SerdeRef = {
      of: keySerde,
      component: 'key',
      wrap: (inner) => subscriptionWrapperSerde(inner, `${registration}-pk`) as AnySerde,
    }
    const response: SerdeRef = {
      of: foreignValue,
      component: 'value',
      wrap: (inner) => subscriptionResponseWrapperSerde(inner) as AnySerde,
    }
    const combinedKey = (context: WriteContext, name: string): CombinedKeySerdes<unknown, unknown> => ({
      foreignKeySerde: context.keySerde(foreignKey, name),
      foreignKeyTopic: `${registration}-fk`,
      primaryKeySerde: context.keySerde(keySerde, name),
      primaryKeyTopic: `${registration}-pk`,
    })
    return { subscription, response, combinedKey }
  }

  /** A sink and a source of a topic of the application's own. */
  #addTopic(
    parents: readonly NodeId[],
    topic: string,
    suffix: string,
    settings: {
      readonly keySerde: SerdeRef
      readonly valueSerde: SerdeRef
      readonly partitioner: StreamPartitioner<unknown, unknown> | undefined
    },
  ): { readonly name: string; readonly node: NodeId } {
    const graph = this.#graph
    const { keySerde, valueSerde } = settings
    const sinkName = suffixedNameOr(graph, this.#request.options.name, `${suffix}-sink`, 'KTABLE-SINK-')
    const sink = graph.addNode({ kind: 'sink', name: sinkName, topic, ...settings })
    graph.connect(parents, sink)
    const name = suffixedNameOr(graph, this.#request.options.name, `${suffix}-source`, 'KTABLE-SOURCE-')
    const consumed = { keySerde, valueSerde, timestampExtractor: undefined, offsetResetPolicy: undefined }
    const node = graph.addNode({ kind: 'stream-source', name, topics: [topic], consumed })
    graph.connect([sink], node)
    return { name, node }
  }

  #addOperator(
    parents: readonly NodeId[],
    name: string,
    supplier: (context: WriteContext, name: string) => unknown,
    traits: Partial<OperatorNode> = {},
    stores: Pick<ProcessorPart, 'stores' | 'connects'> = {},
  ): NodeId {
    const processor = { ...stores, name, supplier: (context: WriteContext) => supplier(context, name) as SupplierPart }
    const node = this.#graph.addNode({ ...traits, kind: 'operator', name, processor })
    this.#graph.connect(parents, node)
    return node
  }

  #name(suffix: string, prefix: string): string {
    return suffixedNameOr(this.#graph, this.#request.options.name, suffix, PREFIX + prefix)
  }
}

const PREFIX = 'KTABLE-FK-JOIN-'
const TOPIC_SUFFIX = '-topic'

/** Responses go to the partition that the subscription came from. */
function toPrimaryPartition(_topic: string, _key: unknown, value: unknown): number | undefined {
  return (value as SubscriptionResponseWrapper<unknown>).primaryPartition
}

/** The user's partitioner, which sees only the key; it must choose one partition. */
function onePartition<K>(
  partitioner: StreamPartitioner<K, null> | undefined,
): StreamPartitioner<unknown, unknown> | undefined {
  if (partitioner === undefined) return undefined
  return (topic, key, _value, numPartitions) => {
    const chosen = partitioner(topic, key as K, null, numPartitions)
    if (chosen === undefined || typeof chosen === 'number') return chosen
    if (chosen.length === 1) return chosen
    throw new TopologyError(
      `The partitioner of a foreign-key join gave ${chosen.length} partitions for topic '${topic}'. It must give one.`,
    )
  }
}
