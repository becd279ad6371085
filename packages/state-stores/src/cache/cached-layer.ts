import type { BytesStore } from '../bytes-store.ts'
import { StoreClosedError } from '../store-error.ts'
import { StoreLayer } from '../store-layer.ts'
import {
  type CacheContext,
  type CachedBytesStore,
  type CacheFlushListener,
  type CacheTarget,
  StoreCache,
} from './store-cache.ts'

/** A cache on top of a store, of whatever kind. Closing it writes what it holds. */
export abstract class CachedLayer<Inner extends BytesStore, C>
  extends StoreLayer<Inner>
  implements CachedBytesStore<C>
{
  protected readonly cache: StoreCache<C>

  constructor(
    inner: Inner,
    context: CacheContext<C>,
    target: CacheTarget,
    toStoreKey: (cacheKey: Uint8Array) => Uint8Array,
  ) {
    super(inner)
    this.cache = new StoreCache(context, target, toStoreKey)
  }

  override close(): void {
    if (!this.isOpen()) return
    this.cache.flushCache()
    this.cache.close()
    this.inner.close()
  }

  setFlushListener(listener: CacheFlushListener<C>, sendOldValues: boolean): void {
    this.cache.setFlushListener(listener, sendOldValues)
  }

  flushCache(): void {
    this.cache.flushCache()
  }

  clearCache(): void {
    this.cache.clearCache()
  }

  /** @throws StoreClosedError */
  protected checkOpen(operation: string): void {
    if (!this.inner.isOpen()) throw new StoreClosedError(this.name, operation)
  }
}
