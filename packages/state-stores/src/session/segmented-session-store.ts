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
import {
  timeFirstSessionEnd,
  timeFirstSessionKey,
  timeFirstSessionKeyBytes,
  timeFirstSessionStart,
} from '../key-schema/time-first.ts'
import { isInverted } from '../key-value/key-value-store.ts'
import { KeyspaceStore } from '../keyspace-store.ts'
import { IndexedIterator } from '../segmented/indexed-iterator.ts'
import { SegmentIterator } from '../segmented/segment-iterator.ts'
import { SegmentedRows } from '../segmented/segmented-rows.ts'
import { emptyIterator, ListIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { checkSegmentInterval, defaultSegmentInterval } from '../window/window-options.ts'
import { checkSessionOptions, type SessionStoreOptions } from './session-options.ts'

/** Settings of a session store in segments. */
export interface SegmentedSessionStoreOptions extends SessionStoreOptions {
  /** Default: half the retention, at least 60,000 ms. */
  readonly segmentIntervalMs?: number
}

/**
 * A session store in segments by session end, with the results of Java's persistent one: a put is dropped when its whole segment
 * has expired; a read finds a session whose end is after stream time minus retention. Searches go by segment, then key, then
 * end, then start.
 *
 * `findSessionsByEnd` reads all sessions of its segments (Java refuses); `timeOrderedSessionStore` is made for it.
 * @see org.apache.kafka.streams.state.internals.RocksDBSessionStore
 */
export function segmentedSessionStore(options: SegmentedSessionStoreOptions): SessionBytesStore {
  checkSessionOptions(options)
  return new SegmentedSessionStore(options, false)
}

/**
 * A session store in segments with a time index, for aggregations that emit on window close: `findSessionsByEnd` walks the
 * index. Otherwise as {@link segmentedSessionStore}.
 * @see org.apache.kafka.streams.state.internals.RocksDBTimeOrderedSessionStore — which stores values by time and indexes keys.
 */
export function timeOrderedSessionStore(options: SegmentedSessionStoreOptions): SessionBytesStore {
  checkSessionOptions(options)
  return new SegmentedSessionStore(options, true)
}

type Sessions = StoreIterator<SessionBytesKey, Uint8Array>

class SegmentedSessionStore extends KeyspaceStore implements SessionBytesStore {
  readonly retentionMs: number
  readonly segmentIntervalMs: number
  readonly #isTimeOrdered: boolean
  readonly #rows: SegmentedRows

  constructor(options: SegmentedSessionStoreOptions, isTimeOrdered: boolean) {
    super(options.name)
    this.retentionMs = options.retentionMs
    const interval = options.segmentIntervalMs ?? defaultSegmentInterval(options.retentionMs)
    this.segmentIntervalMs = checkSegmentInterval(options.name, interval)
    this.#isTimeOrdered = isTimeOrdered
    this.#rows = new SegmentedRows(options.retentionMs, interval, isTimeOrdered ? timeIndexKey : undefined)
  }

  put(session: SessionBytesKey, aggregate: Uint8Array | null): void {
    const { key, start, end } = session
    if (!this.#rows.write(this.open('put'), sessionKey(key, start, end), aggregate, end)) this.reportExpired()
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    this.#rows.write(this.open('restore'), key, value, sessionEnd(key))
  }

  remove(session: SessionBytesKey): void {
    const { key, start, end } = session
    this.#rows.write(this.open('remove'), sessionKey(key, start, end), null, end)
  }

  fetchSession(key: Uint8Array, start: number, end: number): Uint8Array | null {
    const keyspace = this.open('fetchSession')
    if (end < keyspace.streamTime - this.retentionMs + 1) return null
    return this.#rows.read(keyspace, sessionKey(key, start, end), end)
  }

  findSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    return this.#findOfKey(key, earliestEnd, latestStart, true)
  }

  backwardFindSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    return this.#findOfKey(key, earliestEnd, latestStart, false)
  }

  findSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    return this.#findOfKeys(keyFrom, keyTo, earliestEnd, latestStart, true)
  }

  backwardFindSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    return this.#findOfKeys(keyFrom, keyTo, earliestEnd, latestStart, false)
  }

  findSessionsByEnd(earliestEnd: number, latestEnd: number): Sessions {
    return this.#isTimeOrdered
      ? this.#walkTimeIndex(earliestEnd, latestEnd)
      : new ListIterator(this.#sortByTime(earliestEnd, latestEnd))
  }

  #walkTimeIndex(earliestEnd: number, latestEnd: number): Sessions {
    const keyspace = this.open('findSessionsByEnd')
    const { segments } = this.#rows
    const index = new SegmentIterator<SessionBytesKey>(keyspace, {
      segments,
      segmentIds: segments.between(keyspace, earliestEnd, latestEnd, true),
      space: 'timeIndex',
      from: timeFirstSessionKey(new Uint8Array(), 0, Math.max(0, earliestEnd)),
      to:
        latestEnd >= keyspace.streamTime ? null : timeFirstSessionKey(new Uint8Array(), 0, Math.max(0, latestEnd + 1)),
      forward: true,
      accept: (row) => {
        const end = timeFirstSessionEnd(row)
        if (end < earliestEnd || end > latestEnd) return undefined
        return { key: timeFirstSessionKeyBytes(row), start: timeFirstSessionStart(row), end }
      },
    })
    return new IndexedIterator(index, ({ key, start, end }) =>
      this.#rows.read(keyspace, sessionKey(key, start, end), end),
    )
  }

  #sortByTime(earliestEnd: number, latestEnd: number): [SessionBytesKey, Uint8Array][] {
    const keyspace = this.open('findSessionsByEnd')
    const { segments } = this.#rows
    const found = new SegmentIterator<SessionBytesKey>(keyspace, {
      segments,
      segmentIds: segments.between(keyspace, earliestEnd, latestEnd, true),
      space: 'rows',
      from: null,
      to: null,
      forward: true,
      accept: (row) => {
        const end = sessionEnd(row)
        return end < earliestEnd || end > latestEnd ? undefined : sessionOf(row)
      },
    })
    return [...found].sort(([a], [b]) => a.end - b.end || a.start - b.start || compareBytes(a.key, b.key))
  }

  #findOfKey(key: Uint8Array, earliestEnd: number, latestStart: number, forward: boolean): Sessions {
    const keyspace = this.open('findSessions')
    const from = Math.max(earliestEnd, keyspace.streamTime - this.retentionMs + 1)
    const { segments } = this.#rows
    return new SegmentIterator<SessionBytesKey>(keyspace, {
      segments,
      space: 'rows',
      segmentIds: segments.between(keyspace, from, Number.POSITIVE_INFINITY, forward),
      from: sessionKey(key, 0, Math.max(0, from)),
      to: sessionKey(key, latestStart, Number.POSITIVE_INFINITY),
      forward,
      accept: (row) => {
        const start = sessionStart(row)
        const end = sessionEnd(row)
        if (end < from || start > latestStart) return undefined
        return compareBytes(sessionKeyBytes(row), key) === 0 ? { key, start, end } : undefined
      },
    })
  }

  #findOfKeys(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
    forward: boolean,
  ): Sessions {
    const keyspace = this.open('findSessionsRange')
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    const from = Math.max(earliestEnd, keyspace.streamTime - this.retentionMs + 1)
    const { segments } = this.#rows
    return new SegmentIterator<SessionBytesKey>(keyspace, {
      segments,
      space: 'rows',
      segmentIds: segments.between(keyspace, from, Number.POSITIVE_INFINITY, forward),
      from: sessionLowerRange(keyFrom),
      to: sessionUpperRange(keyTo, latestStart),
      forward,
      accept: (row) => {
        if (sessionEnd(row) < from || sessionStart(row) > latestStart) return undefined
        const key = sessionKeyBytes(row)
        if (keyFrom !== null && compareBytes(key, keyFrom) < 0) return undefined
        if (keyTo !== null && compareBytes(key, keyTo) > 0) return undefined
        return sessionOf(row)
      },
    })
  }
}

function sessionOf(row: Uint8Array): SessionBytesKey {
  return { key: sessionKeyBytes(row), start: sessionStart(row), end: sessionEnd(row) }
}

function timeIndexKey(row: Uint8Array): Uint8Array {
  return timeFirstSessionKey(sessionKeyBytes(row), sessionStart(row), sessionEnd(row))
}
