import type { FixedKeyProcessorSupplier, ProcessorSupplier } from '../processors/processor.ts'
import type { StreamPartitioner, TimestampExtractor, TopicNameExtractor } from './extension-points.ts'
import type { OffsetResetPolicy } from './processor-topology.ts'
import type { SerdeRef } from './serde-ref.ts'
import type { StoreSpec } from './store-spec.ts'
import type { TableId } from './table-facts.ts'
import type { AnyProcessorSupplier } from './topology-node.ts'
import type { WriteContext } from './write-context.ts'

/** Numbers the nodes of one graph in the order in which they were made. */
export type NodeId = number

/** The node above all sources. */
export const ROOT: NodeId = 0

/** What the user said, one node for each operator (or part of one). Frozen data; edges are kept by the graph. */
export type GraphNode =
  | RootNode
  | StreamSourceNode
  | TableSourceNode
  | GlobalStoreNode
  | StateStoreNode
  | OperatorNode
  | StreamStreamJoinNode
  | TableTableJoinNode
  | RepartitionNode
  | SinkGraphNode

interface NodeBase {
  readonly id: NodeId
  readonly name: string
  /** True: the operator's result is a versioned table; false: it is not; undefined: as the one above. */
  readonly outputVersioned?: boolean
  /** Records may have another key than above: a later grouping or join repartitions. */
  readonly changesKey?: boolean
  readonly changesValue?: boolean
  readonly isMerge?: boolean
  /** A join that keeps records with null keys: what it reads must not lose them. */
  readonly keepsNullKeys?: boolean
  /** Of windowed aggregations: how long after its end a window is final, ms. */
  readonly graceMs?: number
}

export interface RootNode extends NodeBase {
  readonly kind: 'root'
}

/** How a source of the DSL reads. */
export interface SourceConsumed {
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
  readonly timestampExtractor: TimestampExtractor | undefined
  readonly offsetResetPolicy: OffsetResetPolicy | undefined
}

export interface StreamSourceNode extends NodeBase {
  readonly kind: 'stream-source'
  readonly topics: readonly string[] | RegExp
  readonly consumed: SourceConsumed
}

export interface TableSourceNode extends NodeBase {
  readonly kind: 'table-source'
  readonly sourceName: string
  readonly topic: string
  readonly consumed: SourceConsumed
  readonly isGlobal: boolean
  readonly table: TableId
  readonly store: StoreSpec
  /** The topic serves as the store's changelog (optimisation). */
  readonly reusesTopic: boolean
}

export interface GlobalStoreNode extends NodeBase {
  readonly kind: 'global-store'
  readonly sourceName: string
  readonly topic: string
  readonly consumed: SourceConsumed
  readonly store: StoreSpec
  readonly supplier: AnyProcessorSupplier
}

export interface StateStoreNode extends NodeBase {
  readonly kind: 'state-store'
  readonly store: StoreSpec
}

/** A processor: how its supplier is made once everything else is known, and which stores it brings or uses. */
export interface ProcessorPart {
  readonly name: string
  readonly supplier: (context: WriteContext) => SupplierPart
  /** Stores that come into being with this processor. */
  readonly stores?: (context: WriteContext) => readonly StoreSpec[]
  /** Names of stores that others bring. */
  readonly connects?: (context: WriteContext) => readonly string[]
}

/** A supplier of one of the two kinds; user's suppliers may bring stores of their own. */
export type SupplierPart =
  | ProcessorSupplier<unknown, unknown, unknown, unknown>
  | { readonly fixedKey: FixedKeyProcessorSupplier<unknown, unknown, unknown> }

export interface OperatorNode extends NodeBase {
  readonly kind: 'operator'
  readonly processor: ProcessorPart
  /** Out-of-order updates of a versioned table above are left out (KIP-914). */
  readonly heedsVersions?: boolean
  readonly isSuppression?: boolean
  /** The node whose store another one of a stream-stream join reads. */
  readonly isJoinWindow?: boolean
  /** Of a stream-table join with grace: each of the table's stores must have at least this history, ms. */
  readonly requiredHistoryMs?: number
}

export interface StreamStreamJoinNode extends NodeBase {
  readonly kind: 'stream-stream-join'
  readonly left: ProcessorPart
  readonly right: ProcessorPart
  readonly merge: ProcessorPart
  /** In place of the three, where both sides are the same stream (optimisation). */
  readonly self: ProcessorPart
  readonly leftWindowName: string
  readonly rightWindowName: string
  readonly isSelfJoin: boolean
}

export interface TableTableJoinNode extends NodeBase {
  readonly kind: 'table-table-join'
  readonly left: ProcessorPart
  readonly right: ProcessorPart
  readonly merge: ProcessorPart
  readonly leftParentName: string
  readonly rightParentName: string
}

/** Sends records through a topic of the application's own: filter, sink, topic, source. */
export interface RepartitionNode extends NodeBase {
  readonly kind: 'repartition'
  /** May be replaced by one that serves several operators (optimisation). */
  readonly optimizable: boolean
  readonly sinkName: string
  readonly sourceName: string
  /** Undefined for a grouped table, whose records need no filter. */
  readonly filterName: string | undefined
  /** The filter drops null keys; else it lets all pass. */
  readonly dropsNullKeys: boolean
  readonly topic: string
  readonly partitions: number | undefined
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
  /** The values are changes of a grouped table, old and new. */
  readonly carriesChanges: boolean
  readonly partitioner: StreamPartitioner<unknown, unknown> | undefined
}

export interface SinkGraphNode extends NodeBase {
  readonly kind: 'sink'
  readonly topic: string | TopicNameExtractor<unknown, unknown>
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
  readonly partitioner: StreamPartitioner<unknown, unknown> | undefined
}
