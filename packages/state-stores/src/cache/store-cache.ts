import type { DirtyEntry, NamedCache } from './named-cache.ts'
import type { RecordCache } from './record-cache.ts'

/** What a caching store needs of its task. */
export interface CacheContext<C> {
  /** The stream thread's cache. */
  readonly cache: RecordCache<C>
  /** Unique among the thread's caches: `<task id>-<store name>`. */
  readonly cacheName: string
  /** The context of the record in process. */
  recordContext(): C
  /** Set to an entry's own context while that entry is written and forwarded, then set back. */
  setRecordContext(context: C): void
}

/**
 * Told of each entry that leaves the cache, after it was written to the store. The old value is what the store held before, null
 * unless old values were asked for.
 */
export type CacheFlushListener<C> = (
  key: Uint8Array,
  newValue: Uint8Array | null,
  oldValue: Uint8Array | null,
  context: C,
) => void

/** What the caching stores have beyond the stores they cache. @see org.apache.kafka.streams.state.internals.CachedStateStore */
export interface CachedBytesStore<C> {
  /** `sendOldValues`: the store is read for the old value before each write. */
  setFlushListener(listener: CacheFlushListener<C>, sendOldValues: boolean): void
  /** Writes all dirty entries to the store and hands them to the listener. */
  flushCache(): void
  /** Forgets all entries, dirty ones too (an aborted transaction). */
  clearCache(): void
}

/** How entries reach the store below. Keys are those of the changelog. */
export interface CacheTarget {
  read(key: Uint8Array): Uint8Array | null
  write(key: Uint8Array, value: Uint8Array | null): void
}

/**
 * One store's part of the record cache, and the order in which its entries leave: old value read if wanted, context set, value
 * written (and logged) below, listener told, context set back. A tombstone for what the store does not hold goes no further.
 * @see org.apache.kafka.streams.state.internals.CachingKeyValueStore#putAndMaybeForward
 */
export class StoreCache<C> implements CachedBytesStore<C> {
  readonly #context: CacheContext<C>
  readonly #target: CacheTarget
  readonly #toStoreKey: (cacheKey: Uint8Array) => Uint8Array
  readonly #entries: NamedCache<C>
  #listener: CacheFlushListener<C> | undefined
  #sendOldValues = false

  constructor(context: CacheContext<C>, target: CacheTarget, toStoreKey: (cacheKey: Uint8Array) => Uint8Array) {
    this.#context = context
    this.#target = target
    this.#toStoreKey = toStoreKey
    this.#entries = context.cache.open(context.cacheName, (dirty) => {
      for (const entry of dirty) this.#putAndMaybeForward(entry)
    })
  }

  get entries(): NamedCache<C> {
    return this.#entries
  }

  setFlushListener(listener: CacheFlushListener<C>, sendOldValues: boolean): void {
    this.#listener = listener
    this.#sendOldValues = sendOldValues
  }

  /** Keeps a value that was read from the store. */
  putClean(key: Uint8Array, value: Uint8Array): void {
    this.#entries.putClean(key, value)
    this.#context.cache.evictIfNeeded(this.#entries)
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.#entries.putDirty(key, value, this.#context.recordContext())
    this.#context.cache.evictIfNeeded(this.#entries)
  }

  flushCache(): void {
    this.#entries.flush()
  }

  clearCache(): void {
    this.#entries.clear()
  }

  close(): void {
    this.#context.cache.close(this.#context.cacheName)
  }

  #putAndMaybeForward(entry: DirtyEntry<C>): void {
    const key = this.#toStoreKey(entry.key)
    const listener = this.#listener
    const isOldValueNeeded = listener !== undefined && (entry.value === null || this.#sendOldValues)
    const oldValue = isOldValueNeeded ? this.#target.read(key) : null
    if (listener !== undefined && entry.value === null && oldValue === null) return
    const context = this.#context
    const current = context.recordContext()
    context.setRecordContext(entry.context)
    try {
      this.#target.write(key, entry.value)
      listener?.(key, entry.value, this.#sendOldValues ? oldValue : null, entry.context)
    } finally {
      context.setRecordContext(current)
    }
  }
}
