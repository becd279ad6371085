import type { Serde } from '@millrace/serdes'
import type { TopologyEdge } from '../edges/topology-edge.ts'
import type { ProcessorSupplier } from '../processors/processor.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import type { StreamsProperties } from '../streams-config.ts'
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
  /** Where to begin when the group has committed nothing, or the log does not have the position any more; undefined: `auto.offset.reset` of the configuration. */
  readonly offsetResetPolicy?: OffsetResetPolicy | undefined
  readonly children: readonly string[]
}

/** @see org.apache.kafka.streams.AutoOffsetReset */
export type OffsetResetPolicy = 'earliest' | 'latest' | 'none' | { readonly byDurationMs: number }

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

/** A topic which the application makes for itself. */
export interface InternalTopicPlan {
  /** Full name: `<application id>-…-changelog` or `-repartition`. */
  readonly name: string
  /** Set where the user asked for a number; undefined: as many as the widest source of the subtopologies that write it (repartition), or as the subtopology has tasks (changelog). */
  readonly partitions: number | undefined
  /** Kafka's topic configs by dotted name. */
  readonly configs: Readonly<{ [key: string]: string }>
}

/** One subtopology with the topics around it. @see org.apache.kafka.streams.processor.internals.InternalTopologyBuilder.TopicsInfo */
export interface SubtopologyPlan {
  readonly topology: ProcessorTopology
  /** Full names of all topics that it reads, repartition topics included; those of a pattern are not. */
  readonly sourceTopics: readonly string[]
  readonly sourcePatterns: readonly RegExp[]
  /** Repartition topics that it reads. */
  readonly repartitionSourceTopics: readonly InternalTopicPlan[]
  /** Full names of the repartition topics that it writes. */
  readonly repartitionSinkTopics: readonly string[]
  /** Changelog topics to be created; a source topic that serves as changelog is not among them. */
  readonly changelogTopics: readonly InternalTopicPlan[]
  /** Groups of topics (full names) that must have equal numbers of partitions. */
  readonly copartitionGroups: readonly (readonly string[])[]
}

/**
 * All that the runtime needs to know of a topology, made by `Topology.plan(applicationId)`.
 * The test driver runs `whole` as one task; a worker runs one task for each subtopology and partition.
 */
export interface TopologyPlan {
  readonly applicationId: string
  /** Ordered by subtopology id. */
  readonly subtopologies: readonly SubtopologyPlan[]
  /** All subtopologies as one, without the global stores' sources. Nodes keep the order in which they were added. */
  readonly whole: ProcessorTopology
  /** Sources, processors and stores of global tables; undefined when there are none. */
  readonly global: ProcessorTopology | undefined
}

/** A topology that can be planned; `properties` are the configuration by Kafka's dotted names. */
export interface PlannedTopology {
  plan(applicationId: string, properties: StreamsProperties): TopologyPlan
  readonly edges?: readonly TopologyEdge[]
  /** What will run, as people read it. */
  describe?(): { toString(): string }
}
