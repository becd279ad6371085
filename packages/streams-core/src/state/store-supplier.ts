import type {
  KeyValueBytesStore,
  SessionBytesStore,
  VersionedBytesStore,
  WindowBytesStore,
} from '@millrace/state-stores'

/** What all suppliers of bytes stores have in common. @see org.apache.kafka.streams.state.StoreSupplier */
export interface StoreSupplier {
  readonly name: string
  /** Part of the names of the store's metrics. */
  readonly metricsScope: string
  /** False for a store whose data need not survive its task: it is filled from the changelog again. */
  readonly persistent: boolean
}

/** @see org.apache.kafka.streams.state.KeyValueBytesStoreSupplier */
export interface KeyValueBytesStoreSupplier extends StoreSupplier {
  readonly kind: 'key-value'
  /** A new store; called once for each task. */
  get(): KeyValueBytesStore
}

/** Times are ms. @see org.apache.kafka.streams.state.WindowBytesStoreSupplier */
export interface WindowBytesStoreSupplier extends StoreSupplier {
  readonly kind: 'window'
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates: boolean
  get(): WindowBytesStore
}

/** @see org.apache.kafka.streams.state.SessionBytesStoreSupplier */
export interface SessionBytesStoreSupplier extends StoreSupplier {
  readonly kind: 'session'
  readonly retentionMs: number
  get(): SessionBytesStore
}

/** @see org.apache.kafka.streams.state.VersionedBytesStoreSupplier */
export interface VersionedBytesStoreSupplier extends StoreSupplier {
  readonly kind: 'versioned'
  readonly historyRetentionMs: number
  get(): VersionedBytesStore
}

/** Suppliers of the stores that can hold a table. */
export type TableStoreSupplier = KeyValueBytesStoreSupplier | VersionedBytesStoreSupplier
/** Suppliers of any store that an operator of the DSL can be given. */
export type AnyStoreSupplier = TableStoreSupplier | WindowBytesStoreSupplier | SessionBytesStoreSupplier
