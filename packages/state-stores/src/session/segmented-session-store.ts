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
import { KeyspaceStore, ownCopy } from '../keyspace-store.ts'
import { SegmentIterator } from '../segmented/segment-iterator.ts'
import { Segments } from '../segmented/segments.ts'
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
  return new SegmentedSessionStore(options)
}

type Sessions = StoreIterator<SessionBytesKey, Uint8Array>

class SegmentedSessionStore extends KeyspaceStore implements SessionBytesStore {
  readonly retentionMs: number
  readonly #segments: Segments

  constructor(options: SegmentedSessionStoreOptions) {
    super(options.name)
    this.retentionMs = options.retentionMs
    const interval = options.segmentIntervalMs ?? defaultSegmentInterval(options.retentionMs)
    this.#segments = new Segments(options.retentionMs, checkSegmentInterval(options.name, interval))
  }

  put(session: SessionBytesKey, aggregate: Uint8Array | null): void {
    if (!this.#write(sessionKey(session.key, session.start, session.end), aggregate, session.end)) this.reportExpired()
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    this.#write(key, value === null ? null : ownCopy(value), sessionEnd(key))
  }

  remove(session: SessionBytesKey): void {
    this.#write(sessionKey(session.key, session.start, session.end), null, session.end)
  }

  fetchSession(key: Uint8Array, start: number, end: number): Uint8Array | null {
    const keyspace = this.open('fetchSession')
    if (end < keyspace.streamTime - this.retentionMs + 1) return null
    return this.#segments.get(keyspace, this.#segments.segmentId(end), sessionKey(key, start, end))
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
    const keyspace = this.open('findSessionsByEnd')
    const found = new SegmentIterator<SessionBytesKey>(keyspace, {
      segmentIds: this.#segments.between(keyspace, earliestEnd, latestEnd, true),
      from: null,
      to: null,
      forward: true,
      accept: (row) => {
        const end = sessionEnd(row)
        return end < earliestEnd || end > latestEnd ? undefined : sessionOf(row)
      },
    })
    const byTime = [...found].sort(([a], [b]) => a.end - b.end || a.start - b.start || compareBytes(a.key, b.key))
    return new ListIterator(byTime)
  }

  /** False when the segment of that time has expired. */
  #write(rowKey: Uint8Array, value: Uint8Array | null, timestamp: number): boolean {
    const keyspace = this.open('put')
    this.#segments.advance(keyspace, timestamp)
    const segmentId = this.#segments.segmentId(timestamp)
    if (!this.#segments.isLive(keyspace, segmentId)) return false
    this.#segments.put(keyspace, segmentId, rowKey, value)
    return true
  }

  #findOfKey(key: Uint8Array, earliestEnd: number, latestStart: number, forward: boolean): Sessions {
    const keyspace = this.open('findSessions')
    const from = Math.max(earliestEnd, keyspace.streamTime - this.retentionMs + 1)
    return new SegmentIterator<SessionBytesKey>(keyspace, {
      segmentIds: this.#segments.between(keyspace, from, Number.POSITIVE_INFINITY, forward),
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
    return new SegmentIterator<SessionBytesKey>(keyspace, {
      segmentIds: this.#segments.between(keyspace, from, Number.POSITIVE_INFINITY, forward),
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

/** The session whose key is a row key. */
export function sessionOf(row: Uint8Array): SessionBytesKey {
  return { key: sessionKeyBytes(row), start: sessionStart(row), end: sessionEnd(row) }
}
