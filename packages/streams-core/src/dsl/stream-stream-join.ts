import { TopologyError } from '../errors.ts'
import type { ValueJoiner } from '../processors/functions.ts'
import { JoinTimeTrackers } from '../processors/join-time-tracker.ts'
import { kstreamJoinWindow } from '../processors/kstream-join-window.ts'
import { kstreamKstreamJoin } from '../processors/kstream-kstream-join.ts'
import { kstreamKstreamSelfJoin } from '../processors/kstream-kstream-self-join.ts'
import { passThrough } from '../processors/pass-through.ts'
import type { WindowBytesStoreSupplier } from '../state/store-supplier.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId, SupplierPart } from '../topology/graph-node.ts'
import type { JoinWindowStoreSpec, UnmatchedStoreSpec } from '../topology/store-spec.ts'
import type { JoinWindows } from '../windows/join-windows.ts'
import type { KStream } from './kstream.ts'
import { KStreamImpl } from './kstream-impl.ts'
import { logConfigOf, noteGeneratedStore } from './materialization.ts'
import { Prefix, suffixedNameOr } from './names.ts'
import { forgotten, noSerde, orElse } from './serde-refs.ts'
import type { StreamJoined } from './stream-joined.ts'

export type StreamJoinKind = 'inner' | 'left' | 'outer'

type Joiner = ValueJoiner<unknown, unknown, unknown, unknown>

/**
 * Joins two streams in windows of time. Each side keeps its records in a store, which the other side's processor reads:
 *
 *   left ──┬─ window (store this)        right ─┬─ window (store other)
 *          └─ join (reads other) ─┐             └─ join (reads this) ─┬─ merge
 *                                 └───────────────────────────────────┘
 */
export function streamStreamJoin<K, V, VOther, VOut>(
  left: KStreamImpl<K, V>,
  kind: StreamJoinKind,
  right: KStreamImpl<K, VOther>,
  joiner: ValueJoiner<K, V | null, VOther | null, VOut>,
  windows: JoinWindows,
  options: StreamJoined<K, V, VOther>,
): KStream<K, VOut> {
  const { keySerde, valueSerde, otherValueSerde, name } = options
  const one = repartitioned(left, keySerde, valueSerde, name, '-left')
  const other = repartitioned(right, keySerde, otherValueSerde, name, '-right')
  const sourceNames = one.copartitionWith(other)
  return join(one, other, sourceNames, kind, joiner as Joiner, windows, options)
}

function repartitioned<K, V>(
  stream: KStreamImpl<K, V>,
  keySerde: StreamJoined<K, V, V>['keySerde'],
  valueSerde: StreamJoined<K, V, V>['valueSerde'],
  name: string | undefined,
  suffix: string,
): KStreamImpl<K, V> {
  const { state } = stream
  if (!state.repartitionRequired) return stream
  const topicPrefix = name === undefined ? state.name : name + suffix
  const key = orElse(keySerde, state.keySerde)
  return stream.repartitionForJoin(topicPrefix, name !== undefined, key, orElse(valueSerde, state.valueSerde))
}

function join<K, V, VOther, VOut>(
  left: KStreamImpl<K, V>,
  right: KStreamImpl<K, VOther>,
  sourceNames: ReadonlySet<string>,
  kind: StreamJoinKind,
  joiner: Joiner,
  windows: JoinWindows,
  options: StreamJoined<K, V, VOther>,
): KStream<K, VOut> {
  const { graph } = left
  const { name } = options
  const leftOuter = kind !== 'inner'
  const rightOuter = kind === 'outer'
  const leftSuffix = rightOuter ? '-outer-this-join' : '-this-join'
  const rightSuffix = leftOuter ? '-outer-other-join' : '-other-join'

  const leftWindowName = suffixedNameOr(graph, name, '-this-windowed', 'KSTREAM-WINDOWED-')
  const rightWindowName = suffixedNameOr(graph, name, '-other-windowed', 'KSTREAM-WINDOWED-')
  const leftPrefix = rightOuter ? 'KSTREAM-OUTERTHIS-' : 'KSTREAM-JOINTHIS-'
  const leftGenerated = graph.newProcessorName(leftPrefix)
  const rightGenerated = graph.newProcessorName(leftOuter ? 'KSTREAM-OUTEROTHER-' : 'KSTREAM-JOINOTHER-')
  const leftName = name === undefined ? leftGenerated : name + leftSuffix
  const rightName = name === undefined ? rightGenerated : name + rightSuffix
  const mergeName = suffixedNameOr(graph, name, '-merge', Prefix.streamMerge)

  checkSuppliers(options, windows, mergeName)
  const serdes = {
    key: orElse(options.keySerde, forgotten(left.state.keySerde)),
    left: orElse(options.valueSerde, forgotten(left.state.valueSerde)),
    right: orElse(options.otherValueSerde, forgotten(right.state.valueSerde)),
  }
  const { storeName: base, storeType, thisStoreSupplier, otherStoreSupplier, logging } = options
  const store = (
    supplier: WindowBytesStoreSupplier | undefined,
    generated: string,
    suffix: string,
    side: 'left' | 'right',
  ): JoinWindowStoreSpec =>
    Object.freeze({
      kind: 'join-window',
      name: supplier?.name ?? `${base === undefined ? generated : base + suffix}-store`,
      keySerde: serdes.key,
      valueSerde: serdes[side],
      storeType,
      supplier,
      retentionMs: windows.sizeMs + windows.gracePeriodMs,
      windowSizeMs: windows.sizeMs,
      logConfig: joinLogConfig(supplier === undefined ? logging : undefined, supplier === undefined),
    })
  const leftStore = store(thisStoreSupplier, leftGenerated, leftSuffix, 'left')
  const rightStore = store(otherStoreSupplier, rightGenerated, rightSuffix, 'right')
  addWindow(graph, left.state.node, leftWindowName, leftStore)
  addWindow(graph, right.state.node, rightWindowName, rightStore)

  const unmatchedSuffix = rightOuter ? '-outer-shared-join' : '-left-shared-join'
  const unmatchedBase = thisStoreSupplier?.name ?? base
  const unmatched: UnmatchedStoreSpec | undefined = leftOuter
    ? Object.freeze({
        kind: 'unmatched',
        name: `${unmatchedBase === undefined ? `KSTREAM-OUTERSHARED-${leftGenerated.slice(leftPrefix.length)}` : unmatchedBase + unmatchedSuffix}-store`,
        keySerde: serdes.key,
        valueSerde: serdes.left,
        otherValueSerde: serdes.right,
        storeType,
        beside: thisStoreSupplier,
        logConfig: logConfigOf(logging),
      })
    : undefined
  if (base === undefined) {
    for (const spec of [leftStore, rightStore, unmatched]) {
      if (spec !== undefined) noteGeneratedStore(graph, spec.name, spec.logConfig !== undefined)
    }
  }

  const timeTrackers = new JoinTimeTrackers()
  const side = (isLeftSide: boolean, sideName: string, otherStore: JoinWindowStoreSpec) => ({
    name: sideName,
    supplier: () =>
      kstreamKstreamJoin({
        isLeftSide,
        windows,
        joiner,
        outer: isLeftSide ? leftOuter : rightOuter,
        otherStoreName: otherStore.name,
        outerStoreName: unmatched?.name,
        timeTrackers,
        waitForGrace: options.waitForGrace ?? false,
      }) as SupplierPart,
    stores: () => (unmatched === undefined ? [otherStore] : [otherStore, unmatched]),
  })
  const node = graph.addNode({
    kind: 'stream-stream-join',
    name: mergeName,
    keepsNullKeys: leftOuter,
    left: side(true, leftName, rightStore),
    right: side(false, rightName, leftStore),
    merge: { name: mergeName, supplier: () => passThrough() as SupplierPart },
    self: {
      name: mergeName,
      supplier: () => kstreamKstreamSelfJoin({ storeName: leftStore.name, windows, joiner }) as SupplierPart,
      stores: () => [leftStore],
    },
    leftWindowName,
    rightWindowName,
    isSelfJoin: false,
  })
  graph.connect([left.state.node, right.state.node], node)
  return new KStreamImpl<K, VOut>(graph, {
    name: mergeName,
    node,
    sourceNames,
    keySerde: serdes.key,
    valueSerde: noSerde,
    repartitionRequired: false,
  })
}

/** Records of a join are of no use after its window: their changelog is deleted, not compacted, unless the store was given. */
function joinLogConfig(
  logging: StreamJoined<never, never, never>['logging'],
  isOurs: boolean,
): Readonly<{ [key: string]: string }> | undefined {
  const config = logConfigOf(logging)
  return config === undefined || !isOurs ? config : { ...config, 'cleanup.policy': 'delete' }
}

function addWindow(graph: GraphEdit, parent: NodeId, name: string, store: JoinWindowStoreSpec): void {
  const supplier = () => kstreamJoinWindow(store.name) as SupplierPart
  const processor = { name, supplier, stores: () => [store] }
  const node = graph.addNode({ kind: 'operator', name, isJoinWindow: true, processor })
  graph.connect([parent], node)
}

function checkSuppliers<K, V, VOther>(
  { thisStoreSupplier, otherStoreSupplier }: StreamJoined<K, V, VOther>,
  windows: JoinWindows,
  joinName: string,
): void {
  const retentionMs = windows.sizeMs + windows.gracePeriodMs
  for (const supplier of [thisStoreSupplier, otherStoreSupplier]) {
    if (supplier === undefined) continue
    if (!supplier.retainDuplicates) {
      throw new TopologyError(
        `Join '${joinName}' is given store '${supplier.name}', which does not retain duplicates and would lose records of equal time. Set retainDuplicates.`,
      )
    }
    if (supplier.windowSizeMs !== windows.sizeMs || supplier.retentionMs !== retentionMs) {
      throw new TopologyError(
        `Join '${joinName}' is given store '${supplier.name}' with windows of ${supplier.windowSizeMs} ms and a retention of ${supplier.retentionMs} ms; its join windows need ${windows.sizeMs} and ${retentionMs} ms.`,
      )
    }
  }
  if (thisStoreSupplier !== undefined && thisStoreSupplier.name === otherStoreSupplier?.name) {
    throw new TopologyError(
      `Join '${joinName}' is given two stores named '${thisStoreSupplier.name}'. Give one of them another name.`,
    )
  }
}
