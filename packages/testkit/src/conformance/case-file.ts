import type { Value } from './value.ts'

/** A recorded case: a topology, its inputs, and what Java did with them. */
export interface CaseFile {
  readonly name: string
  readonly description: string
  readonly tags?: readonly string[]
  readonly config?: { readonly [key: string]: Value }
  readonly topology: readonly Step[]
  readonly input: readonly InputStep[]
  readonly expected: Expected
}

/** A function by name with its arguments. */
export interface FnSpec {
  readonly fn: string
  readonly on?: 'key' | 'value'
  readonly arg?: Value
  readonly sep?: string
  readonly fields?: { readonly [name: string]: ScalarSpec }
  readonly when?: FnSpec
  readonly then?: ScalarSpec
  readonly else?: ScalarSpec
  readonly of?: FnSpec | readonly FnSpec[]
  readonly in?: ScalarSpec
  readonly left?: ScalarSpec
  readonly right?: ScalarSpec
}

/** One scalar, or a chain of them. */
export type ScalarSpec = FnSpec | readonly FnSpec[]

export type SerdeName = 'json' | 'string' | 'long' | 'integer' | 'double'

/** How a store is materialised. Times are ms. */
export interface StoreSpec {
  readonly name?: string
  readonly kind?: 'persistent' | 'inMemory' | 'versioned' | 'lru'
  readonly caching?: boolean
  readonly logging?: boolean
  readonly retention?: number
  readonly historyRetention?: number
  readonly segmentInterval?: number
  readonly maxEntries?: number
  readonly keySerde?: SerdeName
  readonly valueSerde?: SerdeName
}

/** A window definition of an aggregation. Times are ms. */
export interface WindowSpec {
  readonly type: 'tumbling' | 'hopping' | 'sliding' | 'session' | 'unlimited'
  readonly size?: number
  readonly advance?: number
  readonly difference?: number
  readonly gap?: number
  readonly start?: number
  readonly grace?: number
}

/** The window of a stream-stream join. Times are ms. */
export interface JoinWindowSpec {
  readonly difference?: number
  readonly before?: number
  readonly after?: number
  readonly grace?: number
}

export interface BranchSpec {
  readonly id: string
  readonly name?: string
  readonly when?: FnSpec
}

export interface BufferSpec {
  readonly maxRecords?: number
  readonly maxBytes?: number
  readonly full?: 'emitEarly' | 'shutDown'
  readonly logging?: boolean
}

export type ExtractorSpec = string | { readonly field: string; readonly ifMissing?: 'partitionTime' }

/** A processor with its settings; which of them apply follows from `type`. */
export interface ProcessorSpec {
  readonly type: string
  readonly store?: string
  readonly punctuate?: {
    readonly type: 'streamTime' | 'wallClock'
    readonly interval: number
    readonly startTime?: number
    readonly at?: 'firstRecord'
  }
  readonly key?: Value
  readonly limit?: number
  readonly back?: number
  readonly arg?: number
  readonly n?: number
  readonly name?: string
  readonly value?: ScalarSpec
  readonly when?: FnSpec
  readonly yes?: string
  readonly no?: string
}

/** One call of the DSL. Which fields apply follows from `op`. */
export interface Step {
  readonly id: string
  readonly op: string
  readonly from?: string | readonly string[]
  readonly name?: string
  readonly keySerde?: SerdeName
  readonly valueSerde?: SerdeName
  readonly otherValueSerde?: SerdeName
  readonly topic?: string
  readonly topics?: readonly string[]
  readonly pattern?: string
  readonly topicFn?: ScalarSpec
  readonly timestampExtractor?: ExtractorSpec
  readonly offsetReset?: 'earliest' | 'latest'
  readonly store?: StoreSpec
  readonly stores?: readonly string[]
  readonly fn?: ScalarSpec
  readonly key?: ScalarSpec
  readonly value?: ScalarSpec
  readonly list?: FnSpec
  readonly collect?: string
  readonly branches?: readonly BranchSpec[]
  readonly default?: BranchSpec
  readonly partitions?: number
  readonly window?: WindowSpec | JoinWindowSpec
  readonly emit?: 'onWindowClose' | 'onWindowUpdate'
  readonly init?: Value
  readonly adder?: FnSpec
  readonly subtractor?: FnSpec
  readonly merger?: FnSpec
  readonly aggregators?: readonly FnSpec[]
  readonly joiner?: FnSpec
  readonly foreignKey?: ScalarSpec
  readonly storeName?: string
  readonly storeKind?: 'inMemory' | 'persistent'
  readonly logging?: boolean
  readonly grace?: number
  readonly transformer?: { readonly type: string; readonly store?: string }
  readonly processor?: ProcessorSpec
  readonly until?: 'windowCloses' | 'timeLimit'
  readonly ms?: number
  readonly buffer?: BufferSpec
}

export type HeaderPair = readonly [name: string, text: string | null]

/** A record to pipe in, or a step of the wall clock. */
export type InputStep =
  | {
      readonly topic: string
      readonly key?: Value
      readonly value?: Value
      readonly keyHex?: string
      readonly valueHex?: string
      readonly timestamp: number
      readonly headers?: readonly HeaderPair[]
    }
  | { readonly advanceWallClock: number }

export interface OutputRecord {
  readonly key: Value
  readonly value: Value
  /** A decimal string beyond ±(2^53 − 1). */
  readonly timestamp: number | string
  readonly headers?: readonly HeaderPair[]
  /** The index into `input` of what caused it. */
  readonly at: number
}

export interface ObservedRecord {
  readonly key: Value
  readonly value: Value
  readonly at: number
}

/** A row of a store: `timestamp`, or `validFrom` and `validTo`, as the kind of store has them. */
export type StoreRow = { readonly [field: string]: Value }

/** What happened. Absent fields are empty. */
export interface Expected {
  readonly describe?: string
  readonly outputs?: { readonly [topic: string]: readonly OutputRecord[] }
  readonly observed?: { readonly [label: string]: readonly ObservedRecord[] }
  readonly stores?: { readonly [name: string]: readonly StoreRow[] }
  readonly droppedRecords?: number
  readonly internalTopics?: { readonly [topic: string]: number }
  readonly error?: { readonly at: 'build' | 'init' | number; readonly message?: string }
}
