import { afterPrefix, compareBytes } from '../binary-key.ts'
import type { KeyValueBytesStore } from '../bytes-store.ts'
import { isInverted, UntilKey } from '../key-value/key-value-store.ts'
import { emptyIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { CachedLayer } from './cached-layer.ts'
import { MergedIterator } from './merged-iterator.ts'
import type { CacheContext, CachedBytesStore } from './store-cache.ts'

/** A key-value store behind a cache. */
export type CachingKeyValueBytesStore<C> = KeyValueBytesStore & CachedBytesStore<C>

/**
 * Holds back the writes of a key-value store until a flush or an eviction, so that of several writes to a key only the last goes
 * on. A read that misses the cache keeps what it found there. Closing flushes.
 * @see org.apache.kafka.streams.state.internals.CachingKeyValueStore
 */
export function cachingKeyValueStore<C>(
  inner: KeyValueBytesStore,
  context: CacheContext<C>,
): CachingKeyValueBytesStore<C> {
  return new CachingKeyValueStore(inner, context)
}

type Entries = StoreIterator<Uint8Array, Uint8Array>

class CachingKeyValueStore<C> extends CachedLayer<KeyValueBytesStore, C> implements CachingKeyValueBytesStore<C> {
  constructor(inner: KeyValueBytesStore, context: CacheContext<C>) {
    super(inner, context, { read: (key) => inner.get(key), write: (key, value) => inner.put(key, value) }, (key) => key)
  }

  get(key: Uint8Array): Uint8Array | null {
    this.checkOpen('get')
    const entry = this.cache.entries.get(key)
    if (entry !== undefined) return entry.value
    const value = this.inner.get(key)
    if (value !== null) this.cache.putClean(key, value)
    return value
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.checkOpen('put')
    this.cache.put(key, value)
  }

  putIfAbsent(key: Uint8Array, value: Uint8Array | null): Uint8Array | null {
    const before = this.get(key)
    if (before === null) this.cache.put(key, value)
    return before
  }

  delete(key: Uint8Array): Uint8Array | null {
    const before = this.get(key)
    this.cache.put(key, null)
    return before
  }

  range(from: Uint8Array | null, to: Uint8Array | null): Entries {
    if (isInverted(from, to)) return emptyIterator()
    return new MergedIterator(this.cache.entries.range(from, to), this.inner.range(from, to), compareBytes)
  }

  reverseRange(from: Uint8Array | null, to: Uint8Array | null): Entries {
    if (isInverted(from, to)) return emptyIterator()
    return new MergedIterator(
      this.cache.entries.range(from, to, true),
      this.inner.reverseRange(from, to),
      (cacheKey, storeKey) => compareBytes(storeKey, cacheKey),
    )
  }

  prefixScan(prefix: Uint8Array): Entries {
    const end = afterPrefix(prefix)
    const cached = this.cache.entries.range(prefix, end)
    return new MergedIterator(
      end === null ? cached : new UntilKey(cached, end),
      this.inner.prefixScan(prefix),
      compareBytes,
    )
  }

  approximateNumEntries(): number {
    return this.inner.approximateNumEntries()
  }
}
