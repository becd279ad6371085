import { toError } from '../../errors.ts'
import type { Time } from '../../time.ts'
import type { HostInfo } from '../host-info.ts'
import { type KeyQueryMetadata, keyQueryMetadata } from '../key-query-metadata.ts'
import type { StateQueries } from '../state-queries.ts'
import type { StreamsMetadata } from '../streams-metadata.ts'
import { HttpError } from './http-error.ts'

/** ms for which what a peer says of itself is believed. */
const metadataAgeMs = 1_000
/** ms for which another instance may think about an answer. */
const answerTimeoutMs = 10_000

/** A request with this header was passed on by another instance; it is never passed on again. */
export const forwardedHeader = 'x-millrace-forwarded'

/** What is passed on. */
export interface ForwardedRequest {
  readonly pathAndQuery: string
  /** Of the one who asked; undefined: none. */
  readonly authorization: string | undefined
}

/** The instances of the application, and how to reach them. */
export class Instances {
  readonly #queries: StateQueries
  readonly #peers: readonly string[]
  readonly #headers: { readonly [name: string]: string }
  readonly #time: Time
  #found: readonly StreamsMetadata[] = []
  #foundAtMs = Number.NEGATIVE_INFINITY

  /** `peers`: base URLs of other instances' services, where the group does not tell; `headers`: for requests to them. */
  constructor(queries: StateQueries, peers: readonly string[], headers: { readonly [name: string]: string }) {
    this.#queries = queries
    this.#peers = peers
    this.#headers = headers
    this.#time = queries.host.time
  }

  /** Who has a partition of a store, as far as is known. */
  async holdersOf(storeName: string, partition: number): Promise<KeyQueryMetadata> {
    const { host, stores } = this.#queries
    const instances = [...this.#queries.metadataForAllStreamsClients(), ...(await this.#others())]
    return keyQueryMetadata(host, stores, instances, storeName, null, () => partition)
  }

  /** Passes a request on, to the first that answers. @throws HttpError when none does */
  async forward(hosts: readonly HostInfo[], asked: ForwardedRequest, signal?: AbortSignal): Promise<Response> {
    for (const [index, host] of hosts.entries()) {
      try {
        return await this.#send(host, asked, signal)
      } catch (error) {
        if (index === hosts.length - 1) throw error
      }
    }
    throw new HttpError(503, 'OWNER_UNKNOWN', 'No instance is known that has what was asked for. Try again.')
  }

  async #send(
    to: HostInfo,
    { pathAndQuery, authorization }: ForwardedRequest,
    signal: AbortSignal | undefined,
  ): Promise<Response> {
    const url = `http://${to.host.includes(':') ? `[${to.host}]` : to.host}:${to.port}${pathAndQuery}`
    try {
      return await fetch(url, {
        headers: {
          ...(authorization === undefined ? {} : { authorization }),
          ...this.#headers,
          [forwardedHeader]: '1',
        },
        signal: signal ?? AbortSignal.timeout(answerTimeoutMs),
      })
    } catch (error) {
      const message = `The instance that has what was asked for, ${to.host}:${to.port}, does not answer (${toError(error).message}). Try again when it is up or its tasks have moved.`
      throw new HttpError(502, 'OWNER_UNREACHABLE', message, { cause: error })
    }
  }

  async #others(): Promise<readonly StreamsMetadata[]> {
    if (this.#peers.length === 0 || this.#time.now() - this.#foundAtMs < metadataAgeMs) return this.#found
    const answers = await Promise.allSettled(this.#peers.map((peer) => metadataOf(peer, this.#headers)))
    this.#found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
    this.#foundAtMs = this.#time.now()
    return this.#found
  }
}

/** What an instance says of itself; the address where it was asked holds if it has no `application.server`. */
async function metadataOf(peer: string, headers: { readonly [name: string]: string }): Promise<StreamsMetadata> {
  const url = new URL('/metadata', peer)
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(answerTimeoutMs) })
  const { instances } = (await response.json()) as { readonly instances: readonly [StreamsMetadata] }
  const hostInfo = instances[0].hostInfo ?? { host: url.hostname, port: Number(url.port) }
  return { ...instances[0], hostInfo }
}
