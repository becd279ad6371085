import type { Serde } from '@millrace/serdes'
import type { ProcessorSupplier } from '../processors/processor.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import type { StreamPartitioner, TimestampExtractor, TopicNameExtractor } from './extension-points.ts'

/** A node of the physical plan. Children are names, in the order in which they were added. */
export type NodePlan = SourcePlan | ProcessorPlan | SinkPlan

export interface SourcePlan {
  readonly kind: 'source'
  readonly name: string
  /** Topics, or the pattern that selects them. */
  readonly topics: readonly string[]
  readonly pattern: RegExp | undefined
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
  readonly timestampExtractor: TimestampExtractor | undefined
  readonly children: readonly string[]
}

export interface ProcessorPlan {
  readonly kind: 'processor'
  readonly name: string
  readonly supplier: ProcessorSupplier<unknown, unknown, unknown, unknown>
  readonly storeNames: readonly string[]
  readonly children: readonly string[]
}

export interface SinkPlan {
  readonly kind: 'sink'
  readonly name: string
  readonly topic: string | TopicNameExtractor<unknown, unknown>
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
  readonly partitioner: StreamPartitioner<unknown, unknown> | undefined
  readonly children: readonly []
}

/**
 * The immutable physical plan of one subtopology (or of the global stores): suppliers, not instances.
 * The task instantiates. @see org.apache.kafka.streams.processor.internals.ProcessorTopology
 */
export interface ProcessorTopology {
  readonly subtopologyId: number
  /** Parents before children. */
  readonly nodes: readonly NodePlan[]
  readonly stores: readonly StoreBuilder<StateStore>[]
  /** Global stores that processors of this subtopology read. */
  readonly globalStoreNames: readonly string[]
  /** By store name: the full name of the topic that holds its changelog; absent when logging is off. */
  readonly changelogTopics: ReadonlyMap<string, string>
  /** Full names of the repartition topics that this subtopology reads; purged after a commit. */
  readonly repartitionSourceTopics: ReadonlySet<string>
}
