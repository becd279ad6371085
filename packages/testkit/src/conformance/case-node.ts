import type {
  CogroupedKStream,
  GlobalKTable,
  KGroupedStream,
  KGroupedTable,
  KStream,
  KTable,
  SessionWindowedCogroupedKStream,
  SessionWindowedKStream,
  TimeWindowedCogroupedKStream,
  TimeWindowedKStream,
} from '@millrace/streams-core'
import type { SerdeName } from './case-file.ts'
import type { Value } from './value.ts'

/** What is known of the serdes and windows of a step's records, so that its sink can be decoded. */
export interface NodeSerdes {
  /** Undefined: the default. */
  readonly keySerde: SerdeName | undefined
  readonly valueSerde: SerdeName | undefined
  /** Undefined: plain keys. */
  readonly keyWindow: KeyWindow | undefined
}

/** How windowed keys are read back; the size is ms. */
export type KeyWindow = { readonly kind: 'time'; readonly sizeMs: number } | { readonly kind: 'session' }

export type StreamNode = NodeSerdes & { readonly kind: 'stream'; readonly dsl: KStream<Value, Value> }
export type TableNode = NodeSerdes & { readonly kind: 'table'; readonly dsl: KTable<Value, Value> }
export type GlobalTableNode = NodeSerdes & { readonly kind: 'globalTable'; readonly dsl: GlobalKTable<Value, Value> }
export type GroupedStreamNode = NodeSerdes & {
  readonly kind: 'groupedStream'
  readonly dsl: KGroupedStream<Value, Value>
}
export type GroupedTableNode = NodeSerdes & { readonly kind: 'groupedTable'; readonly dsl: KGroupedTable<Value, Value> }
export type CogroupedNode = NodeSerdes & { readonly kind: 'cogrouped'; readonly dsl: CogroupedKStream<Value, Value> }
export type WindowedNode = NodeSerdes &
  (
    | { readonly kind: 'timeWindowed'; readonly dsl: TimeWindowedKStream<Value, Value> }
    | { readonly kind: 'sessionWindowed'; readonly dsl: SessionWindowedKStream<Value, Value> }
    | { readonly kind: 'timeWindowedCogrouped'; readonly dsl: TimeWindowedCogroupedKStream<Value, Value> }
    | { readonly kind: 'sessionWindowedCogrouped'; readonly dsl: SessionWindowedCogroupedKStream<Value, Value> }
  )

/** What a step made, for the steps that name it in `from`. */
export type CaseNode =
  | StreamNode
  | TableNode
  | GlobalTableNode
  | GroupedStreamNode
  | GroupedTableNode
  | CogroupedNode
  | WindowedNode

/** @throws RangeError when a step is applied to what it cannot follow. */
export function expectNode<K extends CaseNode['kind']>(node: CaseNode, kind: K): Extract<CaseNode, { kind: K }> {
  if (node.kind !== kind) throw new RangeError(`a ${node.kind} stands where a ${kind} is needed`)
  return node as Extract<CaseNode, { kind: K }>
}
