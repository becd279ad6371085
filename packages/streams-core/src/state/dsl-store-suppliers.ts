import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type {
  KeyValueBytesStoreSupplier,
  SessionBytesStoreSupplier,
  WindowBytesStoreSupplier,
} from './store-supplier.ts'

/** What is known of a key-value store that the DSL needs. */
export interface DslKeyValueParams {
  readonly name: string
}

/** What is known of a window store that the DSL needs. Times are ms. */
export interface DslWindowParams {
  readonly name: string
  readonly retentionMs: number
  readonly windowSizeMs: number
  /** True for the two stores of a stream-stream join. */
  readonly retainDuplicates: boolean
  readonly emitStrategy: EmitStrategy
  /** True for sliding windows. */
  readonly isSlidingWindow: boolean
}

/** What is known of a session store that the DSL needs. Times are ms. */
export interface DslSessionParams {
  readonly name: string
  readonly retentionMs: number
  readonly emitStrategy: EmitStrategy
}

/**
 * Chooses the store behind each stateful operator that was not given one.
 * @see org.apache.kafka.streams.state.DslStoreSuppliers, KIP-954
 */
export interface DslStoreSuppliers {
  keyValueStore(params: DslKeyValueParams): KeyValueBytesStoreSupplier
  windowStore(params: DslWindowParams): WindowBytesStoreSupplier
  sessionStore(params: DslSessionParams): SessionBytesStoreSupplier
}

/** `rocksDB`: the persistent engine (Kafka's word for it; LevelDB here). `in_memory`: the sorted tree in memory. */
export type DslStoreType = 'rocksDB' | 'in_memory' | DslStoreSuppliers
