export { type BufferContext, contextBytes } from './buffer/buffer-context.ts'
export { type GraceBuffer, type GraceBufferEviction, graceBuffer } from './buffer/grace-buffer.ts'
export {
  BUFFER_CHANGELOG_HEADERS,
  type BufferEviction,
  type LogBufferChange,
  type TimeOrderedBuffer,
  timeOrderedBuffer,
} from './buffer/time-ordered-buffer.ts'
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
export { type CachingKeyValueBytesStore, cachingKeyValueStore } from './cache/caching-key-value-store.ts'
export { type CachingSessionBytesStore, cachingSessionStore } from './cache/caching-session-store.ts'
export { type CachingWindowBytesStore, cachingWindowStore } from './cache/caching-window-store.ts'
export { RecordCache, type RecordCacheOptions } from './cache/record-cache.ts'
export type { CacheContext, CachedBytesStore, CacheFlushListener } from './cache/store-cache.ts'
export { changeLoggingKeyValueStore } from './change-logging/key-value.ts'
export {
  type ChangeLoggingOptions,
  type LogChange,
  rawTimestamp,
  rawValue,
  timestampedBytes,
} from './change-logging/log-change.ts'
export { changeLoggingSessionStore } from './change-logging/session.ts'
export { changeLoggingVersionedStore } from './change-logging/versioned.ts'
export { changeLoggingWindowStore } from './change-logging/window.ts'
export { memoryEngine, memoryEngineFrom } from './engine/memory-engine.ts'
export { sessionEnd, sessionKey, sessionKeyBytes, sessionStart } from './key-schema/session.ts'
export { windowKey, windowKeyBytes, windowSeqnum, windowStart } from './key-schema/window.ts'
export { keyValueStore } from './key-value/key-value-store.ts'
export { type LogList, listValueStore } from './key-value/list-value-store.ts'
export { lruStore } from './key-value/lru-store.ts'
export { ownCopy } from './keyspace-store.ts'
export {
  type LevelEngine,
  type LevelEngineOptions,
  levelEngine,
  restoreLevelSnapshot,
} from './level/level-engine.ts'
export { inMemorySessionStore } from './session/in-memory-session-store.ts'
export {
  type SegmentedSessionStoreOptions,
  segmentedSessionStore,
  timeOrderedSessionStore,
} from './session/segmented-session-store.ts'
export type { SessionStoreOptions } from './session/session-options.ts'
export type {
  ChangelogPosition,
  Keyspace,
  KeyspaceIterator,
  KeyspaceSource,
  SnapshottingEngine,
  StateEngine,
  StoreCommit,
} from './state-engine.ts'
export {
  StoreClosedError,
  StoreConfigError,
  StoreCorruptError,
  StoreDirectoryError,
  StoreError,
  StoreLockedError,
} from './store-error.ts'
export type { StoreIterator } from './store-iterator.ts'
export { type VersionedStoreOptions, versionedStore } from './versioned/versioned-store.ts'
export { inMemoryWindowStore } from './window/in-memory-window-store.ts'
export {
  type SegmentedWindowStoreOptions,
  segmentedWindowStore,
  timeOrderedWindowStore,
} from './window/segmented-window-store.ts'
export type { WindowStoreOptions } from './window/window-options.ts'
