import type { Window } from '../../windows/window.ts'
import type { Position } from '../position.ts'
import type { StreamsMetadata } from '../streams-metadata.ts'
import { readEvents } from './event-stream.ts'

/** What the stores of an application hold, by name: the types of their keys and values as JSON has them. */
export interface StoreTypes {
  readonly [storeName: string]: { readonly key: unknown; readonly value: unknown }
}

/** One row of an answer; fields that the kind of store has not are absent. Times are Unix ms. */
export interface QueryEntry<K, V> {
  readonly key: K
  readonly value: V
  readonly window?: Window
  readonly timestamp?: number
  /** Of a version: when the next one began; absent: it is the newest. */
  readonly validTo?: number
}

/** Several rows. */
export interface QueryEntries<K, V> {
  readonly entries: readonly QueryEntry<K, V>[]
  /** True when `limit` cut the entries off. */
  readonly hasMore: boolean
  /** Partitions that no instance known has; without them the answer is not whole. */
  readonly missingPartitions?: readonly number[]
  readonly position: Position
}

/** What all questions understand. */
export interface AskOptions {
  readonly signal?: AbortSignal
  /** What the answer must at least include; else the error NOT_UP_TO_BOUND. */
  readonly position?: Position
  readonly isolation?: 'read_committed' | 'read_uncommitted'
  /** Also stores that are still being restored. */
  readonly stale?: boolean
}

/** What questions about several rows understand. */
export interface AskManyOptions extends AskOptions {
  /** Default: 1000. */
  readonly limit?: number
  readonly order?: 'ascending' | 'descending'
}

/** Bounds of time, Unix ms, both inclusive. */
export interface AskTimesOptions extends AskManyOptions {
  readonly from?: number
  readonly to?: number
}

/** What a live subscription sends. */
export type StoreUpdate<K, V> =
  | { readonly kind: 'value'; readonly entries: readonly QueryEntry<K, V>[] }
  | ({ readonly kind: 'change' } & QueryEntry<K, V | null>)

/** A query service said no, or something else answered. Who acts: the caller, by the code of the service. */
export class QueryServiceError extends Error {
  override readonly name = 'QueryServiceError'
  readonly status: number
  /** The service's code, as in docs/queries.md. */
  readonly code: string

  constructor(status: number, code: string, message: string) {
    super(message)
    this.status = status
    this.code = code
  }
}

/** How a client asks. */
export interface QueryClientOptions {
  /** The service's token. */
  readonly token?: string
}

/**
 * A client of a query service; any instance will do, it finds the others.
 *
 * ```ts
 * const client = queryClient<{ counts: { key: string; value: number } }>('http://127.0.0.1:7070')
 * await client.get('counts', 'be') // 2, or null
 * for await (const update of client.updates('counts', { key: 'be' })) show(update)
 * ```
 *
 * Every call throws QueryServiceError when the service refuses, TypeError when it cannot be reached.
 */
export function queryClient<Stores extends StoreTypes = StoreTypes>(
  url: string,
  options: QueryClientOptions = {},
): QueryClient<Stores> {
  return new QueryClient(url, options)
}

type KeyOf<Stores extends StoreTypes, N extends keyof Stores> = Stores[N]['key']
type ValueOf<Stores extends StoreTypes, N extends keyof Stores> = Stores[N]['value']
type Rows<Stores extends StoreTypes, N extends keyof Stores> = QueryEntries<KeyOf<Stores, N>, ValueOf<Stores, N>>

/** @see queryClient */
export class QueryClient<Stores extends StoreTypes> {
  readonly #url: string
  readonly #headers: { readonly [name: string]: string }

  constructor(url: string, { token }: QueryClientOptions = {}) {
    this.#url = url.replace(/\/+$/, '')
    this.#headers = token === undefined ? {} : { authorization: `Bearer ${token}` }
  }

  /** The value of a key, or null; of a versioned store the newest, or the one at `asOf` (Unix ms). */
  async get<N extends keyof Stores & string>(
    store: N,
    key: KeyOf<Stores, N>,
    options: AskOptions & { readonly asOf?: number } = {},
  ): Promise<ValueOf<Stores, N> | null> {
    return (await this.entry(store, key, options))?.value ?? null
  }

  /** As `get`, with the timestamp. */
  async entry<N extends keyof Stores & string>(
    store: N,
    key: KeyOf<Stores, N>,
    options: AskOptions & { readonly asOf?: number } = {},
  ): Promise<QueryEntry<KeyOf<Stores, N>, ValueOf<Stores, N>> | null> {
    const { entries } = await this.#ask<Rows<Stores, N>>(store, 'value', { ...options, key: JSON.stringify(key) })
    return entries[0] ?? null
  }

  /** Entries between two keys, both inclusive. */
  range<N extends keyof Stores & string>(
    store: N,
    {
      from,
      to,
      ...options
    }: AskManyOptions & { readonly from?: KeyOf<Stores, N>; readonly to?: KeyOf<Stores, N> } = {},
  ): Promise<Rows<Stores, N>> {
    return this.#ask(store, 'range', { ...options, from: json(from), to: json(to) })
  }

  /** Windows that start between two times, of a key or of all. */
  windows<N extends keyof Stores & string>(
    store: N,
    { key, ...options }: AskTimesOptions & { readonly key?: KeyOf<Stores, N> } = {},
  ): Promise<Rows<Stores, N>> {
    return this.#ask(store, 'windows', { ...options, key: json(key) })
  }

  /** Sessions that touch the time between two times, of a key or of all. */
  sessions<N extends keyof Stores & string>(
    store: N,
    { key, ...options }: AskTimesOptions & { readonly key?: KeyOf<Stores, N> } = {},
  ): Promise<Rows<Stores, N>> {
    return this.#ask(store, 'sessions', { ...options, key: json(key) })
  }

  /** Versions of a key that were valid between two times. */
  versions<N extends keyof Stores & string>(
    store: N,
    key: KeyOf<Stores, N>,
    options: AskTimesOptions = {},
  ): Promise<Rows<Stores, N>> {
    return this.#ask(store, 'versions', { ...options, key: json(key) })
  }

  /**
   * Follows a key, beginning with what it has now, or a whole store, from now on. Ends when the service ends it or the signal
   * is aborted; to go on after a lost connection, call again.
   */
  async *updates<N extends keyof Stores & string>(
    store: N,
    options: { readonly key?: KeyOf<Stores, N>; readonly signal?: AbortSignal } = {},
  ): AsyncGenerator<StoreUpdate<KeyOf<Stores, N>, ValueOf<Stores, N>>, void> {
    const response = await this.#fetch(this.#storePath(store, 'updates', { key: json(options.key) }), options.signal)
    for await (const { event, data } of readEvents(response, options.signal)) {
      const body: unknown = JSON.parse(data)
      if (event === 'value')
        yield { kind: 'value', entries: body as QueryEntry<KeyOf<Stores, N>, ValueOf<Stores, N>>[] }
      else yield { kind: 'change', ...(body as QueryEntry<KeyOf<Stores, N>, ValueOf<Stores, N> | null>) }
    }
  }

  /** True when the application is running. */
  async isReady(): Promise<boolean> {
    const response = await fetch(`${this.#url}/ready`, { headers: this.#headers })
    await response.body?.cancel()
    return response.ok
  }

  /** The stores of the topology, and which of their partitions the asked instance has. */
  async stores(): Promise<readonly StoreDescription[]> {
    return (await this.#json<{ readonly stores: readonly StoreDescription[] }>('/stores')).stores
  }

  /** The instances that the asked one knows. */
  async instances(): Promise<readonly StreamsMetadata[]> {
    return (await this.#json<{ readonly instances: readonly StreamsMetadata[] }>('/metadata')).instances
  }

  #ask<R>(store: string, question: string, options: { readonly [name: string]: unknown }): Promise<R> {
    const { signal, position, ...parameters } = options
    const path = this.#storePath(store, question, { ...parameters, position: json(position) })
    return this.#json(path, signal as AbortSignal | undefined)
  }

  #storePath(store: string, question: string, parameters: { readonly [name: string]: unknown }): string {
    const query = new URLSearchParams({ keys: 'json' })
    for (const [name, value] of Object.entries(parameters)) if (value !== undefined) query.set(name, String(value))
    return `/stores/${encodeURIComponent(store)}/${question}?${query}`
  }

  async #json<R>(path: string, signal?: AbortSignal): Promise<R> {
    return (await (await this.#fetch(path, signal)).json()) as R
  }

  async #fetch(path: string, signal?: AbortSignal): Promise<Response> {
    const headers = this.#headers
    const response = await fetch(this.#url + path, signal === undefined ? { headers } : { headers, signal })
    if (response.ok) return response
    const body = (await response.json().catch(() => ({}))) as Partial<{ error: { code: string; message: string } }>
    const { error } = body
    const message =
      error?.message ?? `${this.#url}${path} answered with status ${response.status}. Is it a query service?`
    throw new QueryServiceError(response.status, error?.code ?? 'INTERNAL', message)
  }
}

/** One store of the topology, as the service describes it. */
export interface StoreDescription {
  readonly name: string
  readonly kind: string
  /** True: every instance has it whole. */
  readonly isGlobal: boolean
  readonly partitionCount: number | null
  /** Those which the asked instance has. */
  readonly partitions: readonly { readonly partition: number; readonly isRestoring: boolean }[]
}

function json(value: unknown): string | undefined {
  return value === undefined ? undefined : JSON.stringify(value)
}
