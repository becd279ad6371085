import { compareBytes } from '../binary-key.ts'
import type { SessionBytesKey, SessionBytesStore } from '../bytes-store.ts'
import {
  sessionEnd,
  sessionKey,
  sessionKeyBytes,
  sessionLowerRange,
  sessionStart,
  sessionUpperRange,
} from '../key-schema/session.ts'
import { isInverted } from '../key-value/key-value-store.ts'
import { emptyIterator, ListIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { TimeSliceIterator } from '../window/time-slice-iterator.ts'
import { CachedLayer } from './cached-layer.ts'
import { MergedIterator } from './merged-iterator.ts'
import type { CacheEntry } from './named-cache.ts'
import { SegmentedCacheKey, segmentIdOf, storeKeyOf } from './segmented-cache-key.ts'
import type { CacheContext, CachedBytesStore } from './store-cache.ts'

/** A session store behind a cache. */
export type CachingSessionBytesStore<C> = SessionBytesStore & CachedBytesStore<C>

/**
 * Holds back the writes of a session store until a flush or an eviction. The listener's keys are session keys. A removal is a
 * tombstone in the cache, so that a session which was made and merged away between two flushes is never seen below.
 * @see org.apache.kafka.streams.state.internals.CachingSessionStore
 */
export function cachingSessionStore<C>(
  inner: SessionBytesStore,
  context: CacheContext<C>,
): CachingSessionBytesStore<C> {
  return new CachingSessionStore(inner, context)
}

type Sessions = StoreIterator<SessionBytesKey, Uint8Array>
type Order = (a: SessionBytesKey, b: SessionBytesKey) => number

class CachingSessionStore<C> extends CachedLayer<SessionBytesStore, C> implements CachingSessionBytesStore<C> {
  readonly retentionMs: number
  readonly #keys: SegmentedCacheKey

  constructor(inner: SessionBytesStore, context: CacheContext<C>) {
    super(
      inner,
      context,
      {
        read: (key) => inner.fetchSession(sessionKeyBytes(key), sessionStart(key), sessionEnd(key)),
        write: (key, value) => inner.put(sessionOf(key), value),
      },
      storeKeyOf,
    )
    this.retentionMs = inner.retentionMs
    this.#keys = new SegmentedCacheKey(inner.segmentIntervalMs)
  }

  put(session: SessionBytesKey, aggregate: Uint8Array | null): void {
    this.checkOpen('put')
    this.cache.put(this.#cacheKey(session.key, session.start, session.end), aggregate)
  }

  remove(session: SessionBytesKey): void {
    this.put(session, null)
  }

  fetchSession(key: Uint8Array, start: number, end: number): Uint8Array | null {
    this.checkOpen('fetchSession')
    const entry = this.cache.entries.get(this.#cacheKey(key, start, end))
    return entry === undefined ? this.inner.fetchSession(key, start, end) : entry.value
  }

  findSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    const store = this.inner.findSessions(key, earliestEnd, latestStart)
    return new MergedIterator(this.#cachedOfKey(key, earliestEnd, latestStart, true), store, this.#bySegment)
  }

  backwardFindSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    const store = this.inner.backwardFindSessions(key, earliestEnd, latestStart)
    return new MergedIterator(this.#cachedOfKey(key, earliestEnd, latestStart, false), store, this.#bySegmentReversed)
  }

  findSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const store = this.inner.findSessionsRange(keyFrom, keyTo, earliestEnd, latestStart)
    const cached = this.#cachedOfKeys(keyFrom, keyTo, earliestEnd, latestStart, true)
    return new MergedIterator(cached, store, this.#bySegment)
  }

  backwardFindSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const store = this.inner.backwardFindSessionsRange(keyFrom, keyTo, earliestEnd, latestStart)
    const cached = this.#cachedOfKeys(keyFrom, keyTo, earliestEnd, latestStart, false)
    return new MergedIterator(cached, store, this.#bySegmentReversed)
  }

  findSessionsByEnd(earliestEnd: number, latestEnd: number): Sessions {
    const inTime: [SessionBytesKey, CacheEntry<C>][] = []
    for (const entry of this.#cachedOfKeys(null, null, earliestEnd, Number.POSITIVE_INFINITY, true)) {
      if (entry[0].end <= latestEnd) inTime.push(entry)
    }
    inTime.sort(([a], [b]) => byTime(a, b))
    return new MergedIterator(new ListIterator(inTime), this.inner.findSessionsByEnd(earliestEnd, latestEnd), byTime)
  }

  #cacheKey(key: Uint8Array, start: number, end: number): Uint8Array {
    return this.#keys.of(sessionKey(key, start, end), end)
  }

  #cachedOfKey(key: Uint8Array, earliestEnd: number, latestStart: number, forward: boolean) {
    const from = sessionKey(key, 0, Math.max(0, earliestEnd))
    const to = sessionKey(key, latestStart, Number.POSITIVE_INFINITY)
    return this.#cached(from, to, earliestEnd, latestStart, forward, (other) => compareBytes(other, key) === 0)
  }

  #cachedOfKeys(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
    forward: boolean,
  ) {
    const from = sessionLowerRange(keyFrom)
    const to = sessionUpperRange(keyTo, latestStart)
    return this.#cached(from, to, earliestEnd, latestStart, forward, (key) => {
      return (keyFrom === null || compareBytes(key, keyFrom) >= 0) && (keyTo === null || compareBytes(key, keyTo) <= 0)
    })
  }

  #cached(
    from: Uint8Array | null,
    to: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
    forward: boolean,
    isWanted: (key: Uint8Array) => boolean,
  ): StoreIterator<SessionBytesKey, CacheEntry<C>> {
    const keys = this.#keys
    return new TimeSliceIterator<SessionBytesKey, CacheEntry<C>>(this.cache.entries, {
      timeFrom: keys.segmentId(earliestEnd),
      timeTo: Number.POSITIVE_INFINITY,
      forward,
      lower: (segmentId) => keys.inSegment(segmentId, from),
      upper: (segmentId) => (to === null ? null : keys.inSegment(segmentId, to)),
      timeOf: segmentIdOf,
      accept: (row) => {
        const session = sessionOf(storeKeyOf(row))
        const isInTime = session.end >= earliestEnd && session.start <= latestStart
        return isInTime && isWanted(session.key) ? session : undefined
      },
    })
  }

  readonly #bySegment: Order = (a, b) =>
    this.#keys.segmentId(a.end) - this.#keys.segmentId(b.end) ||
    compareBytes(sessionKey(a.key, a.start, a.end), sessionKey(b.key, b.start, b.end))

  readonly #bySegmentReversed: Order = (a, b) => this.#bySegment(b, a)
}

const byTime: Order = (a, b) => a.end - b.end || a.start - b.start || compareBytes(a.key, b.key)

function sessionOf(key: Uint8Array): SessionBytesKey {
  return { key: sessionKeyBytes(key), start: sessionStart(key), end: sessionEnd(key) }
}
