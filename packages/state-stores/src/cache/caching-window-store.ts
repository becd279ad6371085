import { compareBytes } from '../binary-key.ts'
import type { WindowBytesKey, WindowBytesStore } from '../bytes-store.ts'
import {
  MAX_SEQNUM,
  windowKey,
  windowKeyBytes,
  windowLowerRange,
  windowStart,
  windowUpperRange,
} from '../key-schema/window.ts'
import { isInverted } from '../key-value/key-value-store.ts'
import { emptyIterator, ListIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { TimeSliceIterator } from '../window/time-slice-iterator.ts'
import { CachedLayer } from './cached-layer.ts'
import { MergedIterator } from './merged-iterator.ts'
import type { CacheEntry } from './named-cache.ts'
import { SegmentedCacheKey, segmentIdOf, storeKeyOf } from './segmented-cache-key.ts'
import type { CacheContext, CachedBytesStore } from './store-cache.ts'

/** A window store behind a cache. */
export type CachingWindowBytesStore<C> = WindowBytesStore & CachedBytesStore<C>

/**
 * Holds back the writes of a window store until a flush or an eviction. The listener's keys are window keys. Cached windows are
 * found whatever the retention; the store below drops expired ones when they reach it. Not for stores with duplicates.
 * @see org.apache.kafka.streams.state.internals.CachingWindowStore, TimeOrderedCachingWindowStore
 */
export function cachingWindowStore<C>(inner: WindowBytesStore, context: CacheContext<C>): CachingWindowBytesStore<C> {
  return new CachingWindowStore(inner, context)
}

type Windows = StoreIterator<WindowBytesKey, Uint8Array>
type Order = (a: WindowBytesKey, b: WindowBytesKey) => number

class CachingWindowStore<C> extends CachedLayer<WindowBytesStore, C> implements CachingWindowBytesStore<C> {
  readonly retentionMs: number
  readonly windowSizeMs: number
  readonly retainDuplicates = false
  readonly #keys: SegmentedCacheKey

  constructor(inner: WindowBytesStore, context: CacheContext<C>) {
    super(
      inner,
      context,
      {
        read: (key) => inner.fetchOne(windowKeyBytes(key), windowStart(key)),
        write: (key, value) => inner.put(windowKeyBytes(key), value, windowStart(key)),
      },
      storeKeyOf,
    )
    this.retentionMs = inner.retentionMs
    this.windowSizeMs = inner.windowSizeMs
    this.#keys = new SegmentedCacheKey(inner.segmentIntervalMs)
  }

  put(key: Uint8Array, value: Uint8Array | null, start: number): void {
    this.checkOpen('put')
    this.cache.put(this.#keys.of(windowKey(key, start, 0), start), value)
  }

  fetchOne(key: Uint8Array, start: number): Uint8Array | null {
    this.checkOpen('fetchOne')
    const entry = this.cache.entries.get(this.#keys.of(windowKey(key, start, 0), start))
    return entry === undefined ? this.inner.fetchOne(key, start) : entry.value
  }

  fetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    const store = this.inner.fetch(key, timeFrom, timeTo)
    return new MergedIterator(this.#cachedOfKey(key, timeFrom, timeTo, true), store, byStart)
  }

  backwardFetch(key: Uint8Array, timeFrom: number, timeTo: number): Windows {
    const store = this.inner.backwardFetch(key, timeFrom, timeTo)
    return new MergedIterator(this.#cachedOfKey(key, timeFrom, timeTo, false), store, reversed(byStart))
  }

  fetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const store = this.inner.fetchRange(keyFrom, keyTo, timeFrom, timeTo)
    return this.#merge(keyFrom, keyTo, timeFrom, timeTo, store, true)
  }

  backwardFetchRange(keyFrom: Uint8Array | null, keyTo: Uint8Array | null, timeFrom: number, timeTo: number): Windows {
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const store = this.inner.backwardFetchRange(keyFrom, keyTo, timeFrom, timeTo)
    return this.#merge(keyFrom, keyTo, timeFrom, timeTo, store, false)
  }

  all(): Windows {
    return this.#merge(null, null, 0, Number.POSITIVE_INFINITY, this.inner.all(), true)
  }

  backwardAll(): Windows {
    return this.#merge(null, null, 0, Number.POSITIVE_INFINITY, this.inner.backwardAll(), false)
  }

  #merge(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
    store: Windows,
    forward: boolean,
  ): Windows {
    const cached = this.#cachedOfKeys(keyFrom, keyTo, timeFrom, timeTo, forward)
    if (this.inner.isTimeOrdered !== true) {
      return new MergedIterator(cached, store, forward ? this.#bySegment : reversed(this.#bySegment))
    }
    const order = forward ? byStartThenKey : reversed(byStartThenKey)
    const sorted = [...cached].sort(([a], [b]) => order(a, b))
    return new MergedIterator(new ListIterator(sorted), store, order)
  }

  #cachedOfKey(key: Uint8Array, timeFrom: number, timeTo: number, forward: boolean) {
    const from = windowKey(key, Math.max(0, timeFrom), 0)
    const to = windowKey(key, timeTo, MAX_SEQNUM)
    return this.#cached(from, to, timeFrom, timeTo, forward, (candidate) => compareBytes(candidate, key) === 0)
  }

  #cachedOfKeys(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
    forward: boolean,
  ) {
    const from = windowLowerRange(keyFrom)
    const to = windowUpperRange(keyTo, timeTo)
    return this.#cached(from, to, timeFrom, timeTo, forward, (key) => {
      return (keyFrom === null || compareBytes(key, keyFrom) >= 0) && (keyTo === null || compareBytes(key, keyTo) <= 0)
    })
  }

  #cached(
    from: Uint8Array | null,
    to: Uint8Array | null,
    timeFrom: number,
    timeTo: number,
    forward: boolean,
    isWanted: (key: Uint8Array) => boolean,
  ): StoreIterator<WindowBytesKey, CacheEntry<C>> {
    const keys = this.#keys
    return new TimeSliceIterator<WindowBytesKey, CacheEntry<C>>(this.cache.entries, {
      timeFrom: keys.segmentId(timeFrom),
      timeTo: keys.segmentId(timeTo),
      forward,
      lower: (segmentId) => keys.inSegment(segmentId, from),
      upper: (segmentId) => (to === null ? null : keys.inSegment(segmentId, to)),
      timeOf: segmentIdOf,
      accept: (row) => {
        const storeKey = storeKeyOf(row)
        const start = windowStart(storeKey)
        const key = windowKeyBytes(storeKey)
        return start >= timeFrom && start <= timeTo && isWanted(key) ? { key, start, seqnum: 0 } : undefined
      },
    })
  }

  readonly #bySegment: Order = (a, b) =>
    this.#keys.segmentId(a.start) - this.#keys.segmentId(b.start) ||
    compareBytes(windowKey(a.key, a.start, 0), windowKey(b.key, b.start, 0))
}

const byStart: Order = (a, b) => a.start - b.start
const byStartThenKey: Order = (a, b) => a.start - b.start || compareBytes(a.key, b.key)

function reversed(order: Order): Order {
  return (a, b) => order(b, a)
}
