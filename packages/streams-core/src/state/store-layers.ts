import type { CacheContext, CachedBytesStore, LogChange } from '@millrace/state-stores'
import type { RecordContext } from '../processors/record-context.ts'
import type { StoreBuilderSettings } from './store-builder.ts'
import type { StoreContext } from './store-context.ts'

/** The layers below a typed store. */
export interface StoreLayers<B> {
  /** The uppermost layer. */
  readonly bytes: B
  /** The cache, if there is one: the uppermost layer itself. */
  readonly cache: CachedBytesStore<RecordContext | undefined> | undefined
}

/** What a store is cached with. */
export type StoreCacheContext = CacheContext<RecordContext | undefined>

/** How the layers of one kind of store are made. */
export interface StoreLayering<B> {
  readonly name: string
  readonly bytes: () => B
  readonly withChangeLogging: (bytes: B, logChange: LogChange) => B
  /** Undefined: this kind of store has no cache. */
  readonly withCaching?: (bytes: B, context: StoreCacheContext) => B & CachedBytesStore<RecordContext | undefined>
}

/** Makes a store's layers for a task: the cache over change logging over the bytes store. */
export function storeLayers<B>(
  layering: StoreLayering<B>,
  settings: StoreBuilderSettings,
  context: StoreContext,
): StoreLayers<B> {
  let bytes = layering.bytes()
  if (settings.loggingEnabled) bytes = layering.withChangeLogging(bytes, changeLogger(layering.name, context))
  const cache = context.cache
  if (!settings.cachingEnabled || layering.withCaching === undefined || cache === undefined || cache.maxBytes === 0) {
    return { bytes, cache: undefined }
  }
  const caching = layering.withCaching(bytes, {
    cache,
    cacheName: `${context.taskId}-${layering.name}`,
    recordContext: () => context.recordContext(),
    setRecordContext: (recordContext) => context.setRecordContext(recordContext),
  })
  return { bytes: caching, cache: caching }
}

/** Sends a store's writes to its changelog. Without a timestamp of its own, a change has that of the record in process. */
export function changeLogger(storeName: string, context: StoreContext): LogChange {
  return (key, value, timestamp) => {
    const time = timestamp ?? context.recordContext()?.timestamp ?? context.currentStreamTimeMs()
    context.logChange(storeName, key, value, time)
  }
}
