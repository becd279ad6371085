import { type CacheEntry, type DirtyEntry, NamedCache } from './named-cache.ts'

/** Bytes which an entry counts beside its key, its value and its context: three references and a flag. */
const ENTRY_OVERHEAD_BYTES = 25
/** Timestamp, offset and partition: what even an empty context counts. */
const EMPTY_CONTEXT_BYTES = 20

/** Settings of a {@link RecordCache}. */
export interface RecordCacheOptions<C> {
  /** The thread's share of `statestore.cache.max.bytes`. 0: each put is flushed at once. */
  readonly maxBytes: number
  /** Bytes of a record context; as Java estimates: 20, the topic's characters, and the headers' characters and bytes. */
  readonly contextBytes: (context: C) => number
}

/**
 * The caches of a stream thread's stores under one budget of bytes. A put that exceeds the budget evicts from the cache which it
 * went to, least recently used first, until the sum fits again or that cache is empty.
 *
 * `C` is the context of a record (topic, partition, offset, timestamp, headers), which the cache only hands back.
 * @see org.apache.kafka.streams.state.internals.ThreadCache
 */
export class RecordCache<C> {
  readonly #caches = new Map<string, NamedCache<C>>()
  readonly #contextBytes: (context: C) => number
  #maxBytes: number
  #bytes = 0
  #evictions = 0

  constructor(options: RecordCacheOptions<C>) {
    this.#maxBytes = options.maxBytes
    this.#contextBytes = options.contextBytes
  }

  /** Bytes of all entries. */
  get sizeBytes(): number {
    return this.#bytes
  }

  get maxBytes(): number {
    return this.#maxBytes
  }

  /** Entries evicted since the start. */
  get evictions(): number {
    return this.#evictions
  }

  /** The cache of a store (name: `<task id>-<store name>`), made anew; its dirty entries go to `onFlush`. */
  open(name: string, onFlush: (entries: readonly DirtyEntry<C>[]) => void): NamedCache<C> {
    this.close(name)
    const cache = new NamedCache<C>(
      name,
      {
        entryBytes: (key, entry) => this.#entryBytes(key, entry),
        grow: (bytes) => {
          this.#bytes += bytes
        },
      },
      onFlush,
    )
    this.#caches.set(name, cache)
    return cache
  }

  /** Bytes of one cache's entries; 0 when it is not open. */
  sizeOf(name: string): number {
    return this.#caches.get(name)?.sizeBytes ?? 0
  }

  /** How often a cache had what was asked for, and how often not. */
  hitsOf(name: string): { readonly hits: number; readonly misses: number } {
    const cache = this.#caches.get(name)
    return { hits: cache?.hits ?? 0, misses: cache?.misses ?? 0 }
  }

  /** Forgets a cache with all its entries. */
  close(name: string): void {
    this.#caches.get(name)?.clear()
    this.#caches.delete(name)
  }

  /** To be called after each put into a cache. */
  evictIfNeeded(cache: NamedCache<C>): void {
    while (this.#bytes > this.#maxBytes && cache.evict()) this.#evictions++
  }

  /** Changes the budget; a smaller one evicts from all caches in turn. */
  resize(maxBytes: number): void {
    this.#maxBytes = maxBytes
    let hasEvicted = true
    while (this.#bytes > maxBytes && hasEvicted) {
      hasEvicted = false
      for (const cache of this.#caches.values()) {
        if (this.#bytes <= maxBytes || !cache.evict()) continue
        this.#evictions++
        hasEvicted = true
      }
    }
  }

  #entryBytes(key: Uint8Array, entry: CacheEntry<C>): number {
    const context = entry.context === undefined ? EMPTY_CONTEXT_BYTES : this.#contextBytes(entry.context)
    return key.length + (entry.value?.length ?? 0) + context + ENTRY_OVERHEAD_BYTES
  }
}
