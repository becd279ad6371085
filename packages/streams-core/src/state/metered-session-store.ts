import {
  type SessionBytesKey,
  type SessionBytesStore,
  type StoreIterator,
  sessionEnd,
  sessionKeyBytes,
  sessionStart,
} from '@millrace/state-stores'
import type { Windowed } from '../windows/window.ts'
import { MeteredStore } from './metered-store.ts'
import type { SessionStore } from './state-store.ts'
import { TypedIterator } from './typed-iterator.ts'

type Sessions<K, V> = StoreIterator<Windowed<K>, V>

/**
 * A typed session store.
 * @see org.apache.kafka.streams.state.internals.MeteredSessionStore
 */
export class MeteredSessionStore<K, V>
  extends MeteredStore<SessionBytesStore, K, Windowed<K>, V>
  implements SessionStore<K, V>
{
  get retentionMs(): number {
    return this.bytes.retentionMs
  }

  get segmentIntervalMs(): number | undefined {
    return this.bytes.segmentIntervalMs
  }

  put(session: Windowed<K>, aggregate: V | null): void {
    this.bytes.put(this.#bytesKey(session), this.values.write(aggregate))
  }

  remove(session: Windowed<K>): void {
    this.bytes.remove(this.#bytesKey(session))
  }

  fetchSession(key: K, start: number, end: number): V | null {
    const bytes = this.bytes.fetchSession(this.keys.serialize(key), start, end)
    return bytes === null ? null : this.values.read(bytes)
  }

  findSessions(key: K, earliestEnd: number, latestStart: number): Sessions<K, V> {
    return this.#sessions(this.bytes.findSessions(this.keys.serialize(key), earliestEnd, latestStart))
  }

  backwardFindSessions(key: K, earliestEnd: number, latestStart: number): Sessions<K, V> {
    return this.#sessions(this.bytes.backwardFindSessions(this.keys.serialize(key), earliestEnd, latestStart))
  }

  findSessionsRange(keyFrom: K | null, keyTo: K | null, earliestEnd: number, latestStart: number): Sessions<K, V> {
    const from = this.keys.serializeOrNull(keyFrom)
    const to = this.keys.serializeOrNull(keyTo)
    return this.#sessions(this.bytes.findSessionsRange(from, to, earliestEnd, latestStart))
  }

  backwardFindSessionsRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions<K, V> {
    const from = this.keys.serializeOrNull(keyFrom)
    const to = this.keys.serializeOrNull(keyTo)
    return this.#sessions(this.bytes.backwardFindSessionsRange(from, to, earliestEnd, latestStart))
  }

  findSessionsByEnd(earliestEnd: number, latestEnd: number): Sessions<K, V> {
    return this.#sessions(this.bytes.findSessionsByEnd(earliestEnd, latestEnd))
  }

  fetch(key: K): Sessions<K, V> {
    return this.findSessions(key, 0, Number.POSITIVE_INFINITY)
  }

  backwardFetch(key: K): Sessions<K, V> {
    return this.backwardFindSessions(key, 0, Number.POSITIVE_INFINITY)
  }

  fetchRange(keyFrom: K | null, keyTo: K | null): Sessions<K, V> {
    return this.findSessionsRange(keyFrom, keyTo, 0, Number.POSITIVE_INFINITY)
  }

  backwardFetchRange(keyFrom: K | null, keyTo: K | null): Sessions<K, V> {
    return this.backwardFindSessionsRange(keyFrom, keyTo, 0, Number.POSITIVE_INFINITY)
  }

  protected override storedKey(bytes: Uint8Array): Windowed<K> {
    const key = this.keys.deserialize(sessionKeyBytes(bytes))
    return { key, window: { start: sessionStart(bytes), end: sessionEnd(bytes) } }
  }

  #bytesKey({ key, window }: Windowed<K>): SessionBytesKey {
    return { key: this.keys.serialize(key), start: window.start, end: window.end }
  }

  #sessions(entries: StoreIterator<SessionBytesKey, Uint8Array>): Sessions<K, V> {
    return new TypedIterator(entries, this.#readSession, this.#readValue, this.openIterators)
  }

  readonly #readValue = (bytes: Uint8Array): V => this.values.read(bytes)
  readonly #readSession = ({ key, start, end }: SessionBytesKey): Windowed<K> => ({
    key: this.keys.deserialize(key),
    window: { start, end },
  })
}
