import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { ReadableStream } from 'node:stream/web'
import type { KafkaStreams } from '../../kafka-streams.ts'
import type { StateQueries } from '../state-queries.ts'
import { Access, type AccessOptions } from './access.ts'
import { HttpError, toHttpError } from './http-error.ts'
import { forwardedHeader, Instances } from './instances.ts'
import { toJson } from './json.ts'
import { sendUpdates } from './live-updates.ts'
import { QueryRequest } from './query-request.ts'
import { placeOf, type RoutedRequest, routedAnswer } from './routed-answer.ts'
import { type EntryQuestion, storeReaders } from './store-answers.ts'

export type { AccessOptions } from './access.ts'

/** Where and how to answer queries. */
export interface QueryServiceOptions extends AccessOptions {
  /** 0: one that is free. */
  readonly port: number
  /** Address to bind to. Default: 127.0.0.1. Another one that others can reach needs a `token`, or `authorize`. */
  readonly host?: string
  /** Base URLs of other instances' services that the group does not tell of. Default: none. */
  readonly peers?: readonly string[]
  /** Live subscriptions at a time; more are refused. Default: 1000. */
  readonly maxSubscriptions?: number
}

/** A running query service. */
export interface QueryService {
  /** Base URL without a slash at its end. */
  readonly url: string
  readonly port: number
  /** Ends subscriptions and requests, and stops listening. The application goes on. */
  close(): Promise<void>
}

/**
 * Answers queries about the stores of an application over HTTP, in JSON; what another instance has is fetched from there. Starts
 * and stops independently of the application; while this is not running, requests are answered with 503.
 *
 * ```ts
 * const service = await serveQueries(streams, { port: 7070 })
 * // curl 'http://127.0.0.1:7070/stores/counts/value?key=be'
 * ```
 *
 * docs/queries.md has all paths and parameters.
 * @throws StreamsConfigError for an address that others can reach, without a check of who asks
 */
export async function serveQueries(streams: KafkaStreams, options: QueryServiceOptions): Promise<QueryService> {
  const { host = '127.0.0.1', peers = [], maxSubscriptions = 1_000 } = options
  const { queries } = streams
  const names = (): readonly string[] =>
    queries.metadataForAllStreamsClients().flatMap(({ hostInfo }) => (hostInfo === undefined ? [] : [hostInfo.host]))
  const access = new Access(host, options, names)
  const handler = new QueryHandler(queries, new Instances(queries, peers, access.headers), access, maxSubscriptions)
  const server = createServer((request, response) => void handler.handle(request, response))
  server.listen(options.port, host)
  await once(server, 'listening')
  const { address, family, port } = server.address() as AddressInfo
  const url = `http://${family === 'IPv6' ? `[${address}]` : address}:${port}`
  // Every address: which one others can reach is not known; then application.server says it.
  if (!isUnspecified(address)) queries.host.announce({ host: address, port })
  return {
    url,
    port,
    async close() {
      queries.host.announce(undefined)
      await close(server, handler)
    },
  }
}

function isUnspecified(address: string): boolean {
  return address === '0.0.0.0' || address === '::'
}

async function close(server: Server, handler: QueryHandler): Promise<void> {
  if (!server.listening) return
  const closed = once(server, 'close')
  server.close()
  handler.close()
  server.closeAllConnections()
  await closed
}

class QueryHandler {
  readonly #queries: StateQueries
  readonly #instances: Instances
  readonly #access: Access
  readonly #maxSubscriptions: number
  readonly #subscriptions = new Set<AbortController>()

  constructor(queries: StateQueries, instances: Instances, access: Access, maxSubscriptions: number) {
    this.#queries = queries
    this.#instances = instances
    this.#access = access
    this.#maxSubscriptions = maxSubscriptions
  }

  close(): void {
    for (const subscription of this.#subscriptions) subscription.abort()
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    try {
      await this.#access.check(request)
      await this.#answer(request, response)
    } catch (error) {
      const { status, code, message } = toHttpError(error)
      if (response.headersSent) response.destroy()
      else send(response, status, { error: { code, message } })
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (request.method !== 'GET') {
      throw new HttpError(
        405,
        'METHOD_NOT_ALLOWED',
        `Method ${request.method} is not allowed; queries are asked with GET.`,
      )
    }
    const target = request.url ?? '/'
    if (!URL.canParse(target, 'http://localhost')) {
      throw new HttpError(400, 'BAD_REQUEST', `'${target}' is no path.`)
    }
    const url = new URL(target, 'http://localhost')
    const [room, storeName, question, ...more] = url.pathname.split('/').slice(1).map(decode)
    const { host, stores } = this.#queries
    if (room === 'ready' && storeName === undefined) {
      return send(response, host.state() === 'RUNNING' ? 200 : 503, { state: host.state() })
    }
    if (room === 'metadata' && storeName === undefined) {
      return send(response, 200, { instances: this.#queries.metadataForAllStreamsClients() })
    }
    if (room === 'lag' && storeName === undefined) return send(response, 200, await this.#lags())
    if (room === 'stores' && storeName === undefined) {
      return send(response, 200, { stores: [...stores.declared.keys()].map((name) => this.#describe(name)) })
    }
    if (room !== 'stores' || storeName === undefined || more.length > 0) throw noSuchPath(url.pathname)
    if (question === undefined) return send(response, 200, this.#describe(storeName))
    const routed = {
      request: new QueryRequest(storeName, url.searchParams),
      pathAndQuery: url.pathname + url.search,
      authorization: request.headers.authorization,
      isForwarded: request.headers[forwardedHeader] !== undefined,
    }
    if (question === 'updates') return this.#follow(routed, response)
    if (!Object.hasOwn(storeReaders, question)) throw noSuchPath(url.pathname)
    const answer = await routedAnswer(this.#queries, this.#instances, question as EntryQuestion, routed)
    if (answer instanceof Response) await pass(answer, response)
    else send(response, 200, answer)
  }

  async #follow(routed: RoutedRequest, response: ServerResponse): Promise<void> {
    const { storeName } = routed.request
    this.#queries.stores.requireStarted(storeName)
    if (this.#subscriptions.size >= this.#maxSubscriptions) {
      throw new HttpError(
        503,
        'TOO_MANY_SUBSCRIPTIONS',
        `There are ${this.#maxSubscriptions} live subscriptions already. End some, or raise maxSubscriptions.`,
      )
    }
    const subscription = new AbortController()
    this.#subscriptions.add(subscription)
    response.once('close', () => subscription.abort())
    try {
      const place = routed.request.has('key') ? await placeOf(this.#queries, this.#instances, routed) : undefined
      if (place?.here === false) {
        await pass(await this.#instances.forward(place.hosts, routed, subscription.signal), response)
      } else {
        const partition = place?.partition ?? routed.request.storeParameters.partition
        await sendUpdates(this.#queries, routed.request, partition, response, subscription.signal)
      }
    } finally {
      this.#subscriptions.delete(subscription)
    }
  }

  #describe(storeName: string) {
    const { stores } = this.#queries
    const { builder, subtopologyId } = stores.declaration(storeName)
    return {
      name: storeName,
      kind: builder.kind,
      isGlobal: subtopologyId === undefined,
      partitionCount: stores.partitionCount(storeName) ?? null,
      partitions: stores.tasks(storeName).map(({ plan, task }) => ({
        partition: plan.partition,
        isRestoring: task.state !== 'running',
      })),
    }
  }

  async #lags() {
    const lags = await this.#queries.allLocalStorePartitionLags()
    return Object.fromEntries(Array.from(lags, ([store, partitions]) => [store, Object.fromEntries(partitions)]))
  }
}

function send(response: ServerResponse, status: number, body: unknown): void {
  const retry = status === 503 ? { 'retry-after': '1' } : {}
  response.writeHead(status, {
    'content-type': 'application/json; charset=utf-8',
    'cache-control': 'no-store',
    ...retry,
  })
  response.end(toJson(body))
}

/** Another instance's answer as it is. */
async function pass(answer: Response, response: ServerResponse): Promise<void> {
  response.writeHead(answer.status, {
    'content-type': answer.headers.get('content-type') ?? 'application/json; charset=utf-8',
    'cache-control': 'no-store',
  })
  if (answer.body === null) response.end()
  else await pipeline(Readable.fromWeb(answer.body as ReadableStream), response)
}

function decode(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw new HttpError(400, 'BAD_REQUEST', `'${part}' in the path is not percent-encoded text.`)
  }
}

function noSuchPath(path: string): HttpError {
  const questions = [...Object.keys(storeReaders), 'updates'].map((name) => `/stores/{store}/${name}`).join(', ')
  return new HttpError(
    404,
    'NOT_FOUND',
    `There is nothing at ${path}. Paths are /ready, /stores, /lag, /metadata, ${questions}.`,
  )
}
