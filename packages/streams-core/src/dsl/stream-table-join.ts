import { TopologyError } from '../errors.ts'
import type { KeyMapper, ValueJoiner } from '../processors/functions.ts'
import { kstreamGlobalKtableJoin, kstreamKtableJoin } from '../processors/kstream-ktable-join.ts'
import type { SupplierPart } from '../topology/graph-node.ts'
import type { JoinBufferSpec } from '../topology/store-spec.ts'
import type { GlobalKTableImpl } from './global-ktable-impl.ts'
import type { Joined } from './joined.ts'
import type { KStream } from './kstream.ts'
import { addOperator, KStreamImpl } from './kstream-impl.ts'
import type { KTableImpl } from './ktable-impl.ts'
import { noteGeneratedStore } from './materialization.ts'
import type { Named } from './named.ts'
import { nameOr, Prefix } from './names.ts'
import { noSerde, orElse } from './serde-refs.ts'

/** Joins a stream with a table on the stream's key; through a repartition topic where that was changed. */
export function streamTableJoin<K, V, VTable, VOut>(
  stream: KStreamImpl<K, V>,
  leftJoin: boolean,
  table: KTableImpl<K, VTable>,
  joiner: ValueJoiner<K, V, VTable | null, VOut>,
  joined: Joined<K, V, VTable>,
): KStream<K, VOut> {
  const { graph } = stream
  const keySerde = orElse(joined.keySerde, stream.state.keySerde)
  const valueSerde = orElse(joined.valueSerde, stream.state.valueSerde)
  const left = stream.state.repartitionRequired
    ? stream.repartitionForJoin(joined.name ?? stream.state.name, joined.name !== undefined, keySerde, valueSerde)
    : stream
  const sourceNames = left.copartitionWith(table)
  const name = nameOr(graph, joined.name, leftJoin ? Prefix.streamLeftJoin : Prefix.streamJoin)
  const buffer = joinBuffer(stream, table, name, joined)
  graph.demand(table.table, 'rows')

  const node = graph.addNode({
    kind: 'operator',
    name,
    keepsNullKeys: leftJoin,
    ...(joined.gracePeriodMs === undefined ? {} : { requiredHistoryMs: joined.gracePeriodMs }),
    processor: {
      name,
      supplier: (context) =>
        kstreamKtableJoin({
          table: context.getter(table.table),
          joiner: joiner as ValueJoiner<unknown, unknown, unknown, unknown>,
          leftJoin,
          bufferStoreName: buffer?.name,
          quirks: context.javaQuirks,
        }) as SupplierPart,
      stores: () => (buffer === undefined ? [] : [buffer]),
      connects: (context) => context.table(table.table).readerStoreNames,
    },
  })
  graph.connect([left.state.node], node)
  return new KStreamImpl<K, VOut>(graph, {
    name,
    node,
    sourceNames,
    keySerde,
    valueSerde: noSerde,
    repartitionRequired: false,
  })
}

/** Where records wait for the grace period; undefined: they do not. */
function joinBuffer<K, V, VTable>(
  stream: KStreamImpl<K, V>,
  table: KTableImpl<K, VTable>,
  joinName: string,
  joined: Joined<K, V, VTable>,
): JoinBufferSpec | undefined {
  const { graph, state } = stream
  const graceMs = joined.gracePeriodMs
  if (graceMs === undefined) return undefined
  if (!(Number.isSafeInteger(graceMs) && graceMs >= 0)) {
    throw new TopologyError(`Stream-table join '${joinName}' has a grace period of ${graceMs} ms; give 0 or more.`)
  }
  if (graph.node(table.state.node).outputVersioned === false) {
    throw new TopologyError(
      `Stream-table join '${joinName}' has a grace period, but table '${table.state.name}' is not versioned. Give the table a versioned store.`,
    )
  }
  const name = `${joinName}-Buffer`
  if (joined.name === undefined) noteGeneratedStore(graph, name, true)
  const keySerde = orElse(joined.keySerde, state.keySerde)
  const valueSerde = orElse(joined.valueSerde, state.valueSerde)
  return Object.freeze({ kind: 'join-buffer', name, keySerde, valueSerde, graceMs, logConfig: {} })
}

/** Joins a stream with a global table on a key that is found for each record. */
export function streamGlobalTableJoin<K, V, KGlobal, VGlobal, VOut>(
  stream: KStreamImpl<K, V>,
  leftJoin: boolean,
  table: GlobalKTableImpl<KGlobal, VGlobal>,
  keyMapper: KeyMapper<K, V, KGlobal | null>,
  joiner: ValueJoiner<K, V, VGlobal | null, VOut>,
  named: Named | undefined,
): KStream<K, VOut> {
  const { graph, state } = stream
  const name = nameOr(graph, named?.name, Prefix.streamLeftJoin)
  const supplier = kstreamGlobalKtableJoin({ table: table.getter, keyMapper, joiner, leftJoin })
  const node = addOperator(graph, [state.node], name, supplier as SupplierPart, { keepsNullKeys: leftJoin })
  return new KStreamImpl<K, VOut>(graph, { ...state, name, node, valueSerde: noSerde })
}
