import type { Serde } from '@millrace/serdes'
import type { ProcessorSupplier } from '../processors/processor.ts'
import type { StreamPartitioner, TimestampExtractor, TopicNameExtractor } from './extension-points.ts'
import type { OffsetResetPolicy } from './processor-topology.ts'

/** A supplier of any processor: what it takes and gives is checked where it is written, not here. */
export type AnyProcessorSupplier = ProcessorSupplier<unknown, unknown, unknown, unknown>

/** How a source reads; all of it may be left to the configuration. */
export interface SourceSettings {
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
  readonly timestampExtractor: TimestampExtractor | undefined
  readonly offsetResetPolicy: OffsetResetPolicy | undefined
}

/** How a sink writes. */
export interface SinkSettings {
  readonly keySerde: Serde<unknown> | undefined
  readonly valueSerde: Serde<unknown> | undefined
  readonly partitioner: StreamPartitioner<unknown, unknown> | undefined
}

/** A node of a topology, with the names of the nodes above it. */
export type TopologyNode = SourceNode | ProcessorNode | SinkNode

export interface SourceNode extends SourceSettings {
  readonly kind: 'source'
  readonly name: string
  readonly predecessors: readonly []
  /** In the order in which Java would hold them; empty for a pattern. */
  readonly topics: readonly string[]
  readonly pattern: RegExp | undefined
}

export interface ProcessorNode {
  readonly kind: 'processor'
  readonly name: string
  readonly predecessors: readonly string[]
  readonly supplier: AnyProcessorSupplier
}

export interface SinkNode extends SinkSettings {
  readonly kind: 'sink'
  readonly name: string
  readonly predecessors: readonly string[]
  readonly topic: string | TopicNameExtractor<unknown, unknown>
}

/** True when the whole of the topic's name matches, as Java's patterns do. */
export function matchesTopic(pattern: RegExp, topic: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, '')).test(topic)
}

/** The pattern as Java prints it. */
export function patternText(pattern: RegExp): string {
  return pattern.source.replaceAll('\\/', '/')
}
