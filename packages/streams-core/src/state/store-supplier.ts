import type {
  KeyValueBytesStore,
  SessionBytesStore,
  VersionedBytesStore,
  WindowBytesStore,
} from '@millrace/state-stores'

/**
 * Which bytes store a typed store sits on. The name is the store's name; `get` is called once for each task.
 * @see org.apache.kafka.streams.state.StoreSupplier
 */
export interface StoreSupplier<S> {
  readonly name: string
  get(): S
}

/** @see org.apache.kafka.streams.state.KeyValueBytesStoreSupplier */
export interface KeyValueBytesStoreSupplier extends StoreSupplier<KeyValueBytesStore> {
  readonly kind: 'key-value'
}

/** @see org.apache.kafka.streams.state.VersionedBytesStoreSupplier, KIP-889 */
export interface VersionedBytesStoreSupplier extends StoreSupplier<VersionedBytesStore> {
  readonly kind: 'versioned'
  /** How far back look-ups may go, ms. */
  readonly historyRetentionMs: number
}

/** Times are ms. @see org.apache.kafka.streams.state.WindowBytesStoreSupplier */
export interface WindowBytesStoreSupplier extends StoreSupplier<WindowBytesStore> {
  readonly kind: 'window'
  readonly windowSizeMs: number
  readonly retentionMs: number
  readonly retainDuplicates: boolean
  /** True when its bytes outlive the process: the store beside it for unmatched records follows. */
  readonly persistent: boolean
}

/** @see org.apache.kafka.streams.state.SessionBytesStoreSupplier */
export interface SessionBytesStoreSupplier extends StoreSupplier<SessionBytesStore> {
  readonly kind: 'session'
  readonly retentionMs: number
}
