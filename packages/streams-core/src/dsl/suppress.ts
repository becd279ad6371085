import { TopologyError } from '../errors.ts'
import { ktableSuppress } from '../processors/ktable-suppress.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId } from '../topology/graph-node.ts'
import { CHANGELOG_SUFFIX } from '../topology/node-names.ts'
import type { SuppressionBufferSpec } from '../topology/store-spec.ts'
import { versionedSuppression } from '../topology/versioned-semantics.ts'
import type { KTable } from './ktable.ts'
import { KTableImpl } from './ktable-impl.ts'
import { logConfigOf } from './materialization.ts'
import type { Named } from './named.ts'
import type { Suppressed } from './suppressed.ts'
import { addTableOperator } from './table-node.ts'

const PREFIX = 'KTABLE-SUPPRESS-'

/** Holds back a table's changes. */
export function suppress<K, V>(
  parent: KTableImpl<K, V>,
  suppressed: Suppressed<K>,
  named: Named | undefined,
): KTable<K, V> {
  const { graph, state } = parent
  if (graph.node(state.node).outputVersioned === true) throw versionedSuppression(named?.name ?? state.name)
  const name = named?.name ?? graph.newProcessorName(PREFIX)
  const { until, buffer } = suppressed
  const isFinal = until === 'windowCloses'
  const timeToWaitMs = suppressed.timeToWaitMs ?? findWindowGrace(graph, state.node, '')
  const logConfig = logConfigOf(buffer.logging)
  const storeName = named?.name === undefined ? graph.newStoreName(PREFIX) : `${named.name}-store`
  if (named?.name === undefined && logConfig !== undefined) {
    graph.noteImplicitName({ changelogTopic: storeName + CHANGELOG_SUFFIX })
  }
  const { keySerde, valueSerde } = state
  const store: SuppressionBufferSpec = Object.freeze({
    kind: 'suppression',
    name: storeName,
    keySerde,
    valueSerde,
    logConfig,
  })
  const { node, table } = addTableOperator(graph, [state.node], {
    name,
    shape: { kind: 'suppressed', parent: parent.table, storeName },
    store,
    operator: ({ isGrouped }, context) =>
      ktableSuppress({
        storeName,
        parent: context.getter(parent.table),
        timeToWaitMs,
        bufferTime: isFinal ? 'window-end' : 'record',
        maxRecords: buffer.maxRecords ?? Number.POSITIVE_INFINITY,
        maxBytes: buffer.maxBytes ?? Number.POSITIVE_INFINITY,
        full: buffer.full ?? 'emitEarly',
        dropTombstones: isFinal,
        upstreamOldValues: context.javaQuirks || !isGrouped,
      }),
    traits: { outputVersioned: false, isSuppression: true },
  })
  const sourceNames = new Set([state.name])
  return new KTableImpl<K, V>(graph, { name, node, sourceNames, keySerde, valueSerde }, table, undefined)
}

/**
 * How long after a window's end its result is final: from the windowed aggregations above.
 * @throws TopologyError when there is none
 */
function findWindowGrace(graph: GraphEdit, id: NodeId, below: string): number {
  const { name, graceMs } = graph.node(id)
  if (graceMs !== undefined) return graceMs
  const chain = below === '' ? name : `${name}->${below}`
  const parents = graph.parentsOf(id)
  if (parents.length === 0) {
    throw new TopologyError(
      `suppress(untilWindowCloses) needs a windowed table, and there is no windowed aggregation above it: ${chain}. Aggregate by windows first, or use untilTimeLimit.`,
    )
  }
  return Math.max(...parents.map((parent) => findWindowGrace(graph, parent, chain)))
}
