import type { DslStoreType } from '../state/dsl-store-suppliers.ts'
import type { StateStore, StoreBuilder } from '../state/state-store.ts'
import type {
  SessionBytesStoreSupplier,
  TableStoreSupplier,
  WindowBytesStoreSupplier,
} from '../state/store-supplier.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { SerdeRef } from './serde-ref.ts'

/** A store that an operator of the DSL needs: data, until the topology is written. One object for one store. */
export type StoreSpec =
  | TableStoreSpec
  | WindowStoreSpec
  | SessionStoreSpec
  | JoinWindowStoreSpec
  | UnmatchedStoreSpec
  | SuppressionBufferSpec
  | JoinBufferSpec
  | SubscriptionStoreSpec
  | GivenStoreSpec

interface SpecBase {
  readonly name: string
  /** Settings of the changelog; undefined: there is none. */
  readonly logConfig: Readonly<{ [key: string]: string }> | undefined
}

interface SerializedSpec extends SpecBase {
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
  /** Undefined: by the configuration. */
  readonly storeType: DslStoreType | undefined
}

/** The rows of a table: a timestamped, or versioned, key-value store. */
export interface TableStoreSpec extends SerializedSpec {
  readonly kind: 'table'
  readonly supplier: TableStoreSupplier | undefined
  readonly caching: boolean
}

/** The results of a windowed aggregation. Times are ms. */
export interface WindowStoreSpec extends SerializedSpec {
  readonly kind: 'window'
  readonly supplier: WindowBytesStoreSupplier | undefined
  readonly caching: boolean
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly emitStrategy: EmitStrategy
  readonly isSliding: boolean
}

/** The results of a session aggregation. */
export interface SessionStoreSpec extends SerializedSpec {
  readonly kind: 'session'
  readonly supplier: SessionBytesStoreSupplier | undefined
  readonly caching: boolean
  readonly retentionMs: number
  readonly emitStrategy: EmitStrategy
}

/** The records of one side of a stream-stream join. */
export interface JoinWindowStoreSpec extends SerializedSpec {
  readonly kind: 'join-window'
  readonly supplier: WindowBytesStoreSupplier | undefined
  readonly retentionMs: number
  readonly windowSizeMs: number
}

/** The records of both sides of a left or outer stream-stream join that have found no partner yet. */
export interface UnmatchedStoreSpec extends SerializedSpec {
  readonly kind: 'unmatched'
  readonly otherValueSerde: SerdeRef
  /** The left side's store: this one is of the same kind, unless a kind was given. */
  readonly beside: WindowBytesStoreSupplier | undefined
}

/** The changes that a suppression holds back. */
export interface SuppressionBufferSpec extends SpecBase {
  readonly kind: 'suppression'
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
}

/** The records of a stream that wait for the table of a join with grace. */
export interface JoinBufferSpec extends SpecBase {
  readonly kind: 'join-buffer'
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
  readonly graceMs: number
}

/** The subscriptions of a foreign-key join. */
export interface SubscriptionStoreSpec extends SpecBase {
  readonly kind: 'subscription'
  /** The left table's keys. */
  readonly primaryKeySerde: SerdeRef
  /** Name given to that serde. */
  readonly primaryKeyTopic: string
}

/** A store that the user built. */
export interface GivenStoreSpec {
  readonly kind: 'given'
  readonly name: string
  readonly builder: StoreBuilder<StateStore>
}
