export type {
  BytesStore,
  BytesStoreContext,
  KeyValueBytesStore,
  SessionBytesKey,
  SessionBytesStore,
  VersionedBytes,
  VersionedBytesStore,
  WindowBytesKey,
  WindowBytesStore,
} from './bytes-store.ts'
export type { ChangelogPosition, Keyspace, StateEngine, StoreCommit } from './state-engine.ts'
export type { StoreIterator } from './store-iterator.ts'
