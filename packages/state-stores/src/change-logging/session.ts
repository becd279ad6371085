import type { SessionBytesKey, SessionBytesStore } from '../bytes-store.ts'
import { sessionKey } from '../key-schema/session.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { StoreLayer } from '../store-layer.ts'
import { ChangeLogger, type ChangeLoggingOptions, type LogChange } from './log-change.ts'

/**
 * Logs each write of a session store under its session key, after it was made; also a write that the store dropped as expired.
 * @see org.apache.kafka.streams.state.internals.ChangeLoggingSessionBytesStore
 */
export function changeLoggingSessionStore(
  inner: SessionBytesStore,
  logChange: LogChange,
  options: ChangeLoggingOptions = {},
): SessionBytesStore {
  return new ChangeLoggingSessionStore(inner, new ChangeLogger(logChange, options))
}

type Sessions = StoreIterator<SessionBytesKey, Uint8Array>

class ChangeLoggingSessionStore extends StoreLayer<SessionBytesStore> implements SessionBytesStore {
  readonly retentionMs: number
  readonly #logger: ChangeLogger

  constructor(inner: SessionBytesStore, logger: ChangeLogger) {
    super(inner)
    this.retentionMs = inner.retentionMs
    this.#logger = logger
  }

  get segmentIntervalMs(): number | undefined {
    return this.inner.segmentIntervalMs
  }

  put(session: SessionBytesKey, aggregate: Uint8Array | null): void {
    this.inner.put(session, aggregate)
    this.#logger.log(sessionKey(session.key, session.start, session.end), aggregate)
  }

  remove(session: SessionBytesKey): void {
    this.inner.remove(session)
    this.#logger.log(sessionKey(session.key, session.start, session.end), null)
  }

  fetchSession(key: Uint8Array, start: number, end: number): Uint8Array | null {
    return this.inner.fetchSession(key, start, end)
  }

  findSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    return this.inner.findSessions(key, earliestEnd, latestStart)
  }

  backwardFindSessions(key: Uint8Array, earliestEnd: number, latestStart: number): Sessions {
    return this.inner.backwardFindSessions(key, earliestEnd, latestStart)
  }

  findSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    return this.inner.findSessionsRange(keyFrom, keyTo, earliestEnd, latestStart)
  }

  backwardFindSessionsRange(
    keyFrom: Uint8Array | null,
    keyTo: Uint8Array | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions {
    return this.inner.backwardFindSessionsRange(keyFrom, keyTo, earliestEnd, latestStart)
  }

  findSessionsByEnd(earliestEnd: number, latestEnd: number): Sessions {
    return this.inner.findSessionsByEnd(earliestEnd, latestEnd)
  }
}
