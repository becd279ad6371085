import type { StoreIterator } from '@millrace/state-stores'
import type { ReadOnlySessionStore } from '../state/state-store.ts'
import type { Windowed } from '../windows/window.ts'
import type { StoreProvider } from './store-provider.ts'

type Sessions<K, V> = StoreIterator<Windowed<K>, V>

/**
 * Reads of a session store over the partitions of this instance.
 * @see org.apache.kafka.streams.state.internals.CompositeReadOnlySessionStore — whose ranges over several keys end with the
 *   first partition that has any, and whose `fetchSession` looks into the first partition only; these look into all.
 */
export class CompositeReadOnlySessionStore<K, V> implements ReadOnlySessionStore<K, V> {
  readonly #provider: StoreProvider<ReadOnlySessionStore<K, V>>

  constructor(provider: StoreProvider<ReadOnlySessionStore<K, V>>) {
    this.#provider = provider
  }

  fetchSession(key: K, start: number, end: number): V | null {
    return this.#provider.first((store) => store.fetchSession(key, start, end))
  }

  findSessions(key: K, earliestEnd: number, latestStart: number): Sessions<K, V> {
    return this.#provider.all((store) => store.findSessions(key, earliestEnd, latestStart))
  }

  backwardFindSessions(key: K, earliestEnd: number, latestStart: number): Sessions<K, V> {
    return this.#provider.all((store) => store.backwardFindSessions(key, earliestEnd, latestStart))
  }

  findSessionsRange(keyFrom: K | null, keyTo: K | null, earliestEnd: number, latestStart: number): Sessions<K, V> {
    return this.#provider.all((store) => store.findSessionsRange(keyFrom, keyTo, earliestEnd, latestStart))
  }

  backwardFindSessionsRange(
    keyFrom: K | null,
    keyTo: K | null,
    earliestEnd: number,
    latestStart: number,
  ): Sessions<K, V> {
    return this.#provider.all((store) => store.backwardFindSessionsRange(keyFrom, keyTo, earliestEnd, latestStart))
  }

  fetch(key: K): Sessions<K, V> {
    return this.#provider.all((store) => store.fetch(key))
  }

  backwardFetch(key: K): Sessions<K, V> {
    return this.#provider.all((store) => store.backwardFetch(key))
  }

  fetchRange(keyFrom: K | null, keyTo: K | null): Sessions<K, V> {
    return this.#provider.all((store) => store.fetchRange(keyFrom, keyTo))
  }

  backwardFetchRange(keyFrom: K | null, keyTo: K | null): Sessions<K, V> {
    return this.#provider.all((store) => store.backwardFetchRange(keyFrom, keyTo))
  }
}
