import type { SessionBytesKey, SessionBytesStore } from '../bytes-store.ts'
import { endKey, endKeyBytes, endKeyEnd, endKeyPrefix, endKeyStart } from '../key-schema/in-memory-session.ts'
import { timePrefix } from '../key-schema/in-memory-window.ts'
import { sessionEnd, sessionKeyBytes, sessionStart } from '../key-schema/session.ts'
import { isInverted } from '../key-value/key-value-store.ts'
import { KeyspaceStore } from '../keyspace-store.ts'
import type { Keyspace } from '../state-engine.ts'
import { emptyIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { TimeSliceIterator } from '../window/time-slice-iterator.ts'
import { checkSessionOptions, type SessionStoreOptions } from './session-options.ts'

/**
 * A session store with the results of Java's in-memory one: a session whose end is not after stream time minus retention is
 * dropped when put, never found, and deleted. Searches go by end, then key, then start, latest first (backward: all reversed).
 * @see org.apache.kafka.streams.state.internals.InMemorySessionStore
 */
export function inMemorySessionStore(options: SessionStoreOptions): SessionBytesStore {
  checkSessionOptions(options)
  return new InMemorySessionStore(options)
}

type Sessions = StoreIterator<SessionBytesKey, Uint8Array>

class InMemorySessionStore extends KeyspaceStore implements SessionBytesStore {
  readonly retentionMs: number

  constructor(options: SessionStoreOptions) {
    super(options.name)
    this.retentionMs = options.retentionMs
  }

  put(session: SessionBytesKey, aggregate: Uint8Array | null): void {
    if (!this.#write(session, aggregate)) this.reportExpired()
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const session = { key: sessionKeyBytes(key), start: sessionStart(key), end: sessionEnd(key) }
    this.#write(session, value)
  }

  remove(session: SessionBytesKey): void {
    this.open('remove').put(endKey(session.key, session.start, session.end), null)
  }

  fetchSession(key: Uint8Array, start: number, end: number): Uint8Array | null {
    const keyspace = this.open('fetchSession')
    if (this.#isExpired(keyspace, end)) return null
    return keyspace.get(endKey(key, start, end))
  }

  findSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    return this.#search(key, key, earliestEnd, Number.POSITIVE_INFINITY, latestStart, true)
  }

  backwardFindSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    return this.#search(key, key, earliestEnd, Number.POSITIVE_INFINITY, latestStart, false)
  }

  findSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    return this.#search(keyFrom, keyTo, earliestEnd, Number.POSITIVE_INFINITY, latestStart, true)
  }

  backwardFindSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    return this.#search(keyFrom, keyTo, earliestEnd, Number.POSITIVE_INFINITY, latestStart, false)
  }

  findSessionsByEnd(earliestEnd: number, latestEnd: number): Sessions {
    return this.#search(null, null, earliestEnd, latestEnd, Number.POSITIVE_INFINITY, true)
  }

  #isExpired(keyspace: Keyspace, end: number): boolean {
    return end <= keyspace.streamTime - this.retentionMs
  }

  /** False when the session has expired. */
  #write(session: SessionBytesKey, aggregate: Uint8Array | null): boolean {
    const keyspace = this.open('put')
    if (session.end > keyspace.streamTime) {
      keyspace.streamTime = session.end
      const minLive = session.end - this.retentionMs + 1
      if (minLive > 0) keyspace.deleteRange(null, timePrefix(minLive))
    }
    if (this.#isExpired(keyspace, session.end)) return false
    keyspace.put(endKey(session.key, session.start, session.end), aggregate)
    return true
  }

  #search(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestEnd: number,
    latestStart: number,
    forward: boolean,
  ): Sessions {
    const keyspace = this.open('findSessions')
    if (isInverted(keyFrom, keyTo)) return emptyIterator()
    return new TimeSliceIterator<SessionBytesKey, Uint8Array>(keyspace, {
      timeFrom: Math.max(earliestEnd, keyspace.streamTime - this.retentionMs + 1),
      timeTo: latestEnd,
      forward,
      lower: (end) => (keyFrom === null ? timePrefix(end) : endKeyPrefix(keyFrom, end)),
      upper: (end) => (keyTo === null ? null : endKey(keyTo, Number.NEGATIVE_INFINITY, end)),
      timeOf: endKeyEnd,
      accept: (row) => {
        const start = endKeyStart(row)
        return start > latestStart ? undefined : { key: endKeyBytes(row), start, end: endKeyEnd(row) }
      },
    })
  }
}
