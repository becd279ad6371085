import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { KafkaStreams } from '@millrace/streams-core'
import { isHealthy, isReady, lagsOf, storesOf, tasksOf } from './application-view.ts'
import { prometheusContentType, prometheusText } from './prometheus.ts'

/** Where the monitoring service listens. */
export interface MonitoringOptions {
  /** 0: one that is free. */
  readonly port: number
  /** Address to bind to. Default: 127.0.0.1. */
  readonly host?: string
  /** The service has no authentication; an address that others can reach is refused unless this is true. Default: false. */
  readonly allowRemote?: boolean
}

/** A running monitoring service. */
export interface MonitoringService {
  /** Base URL without a slash at its end. */
  readonly url: string
  readonly port: number
  /** Stops listening. The application goes on. */
  close(): Promise<void>
}

/** The service would be open to others. Who acts: whoever configures it. */
export class RemoteMonitoringError extends Error {
  override readonly name = 'RemoteMonitoringError'
  readonly code = 'STREAMS_REMOTE_MONITORING'
  readonly host: string

  constructor(host: string) {
    super(
      `The monitoring service has no authentication and would listen on ${host}, which others can reach. Use 127.0.0.1 behind something that authenticates, or set allowRemote to true.`,
    )
    this.host = host
  }
}

/**
 * Shows an application over HTTP. It starts and stops independently of the application.
 *
 * ```ts
 * const monitoring = await serveMetrics(streams, { port: 9404 })
 * // curl http://127.0.0.1:9404/metrics
 * ```
 *
 * | path | answers |
 * |---|---|
 * | `/metrics` | all recorded figures, in Prometheus' text format |
 * | `/health` | 200 unless the application has failed or ended, else 503 |
 * | `/ready` | 200 while it runs; 503 while it starts, rebalances, restores, is paused or ends |
 * | `/topology` | what runs, as `describe()` prints it |
 * | `/tasks`, `/stores`, `/lag` | JSON |
 *
 * @throws RemoteMonitoringError for an address that others can reach
 */
export async function serveMetrics(streams: KafkaStreams, options: MonitoringOptions): Promise<MonitoringService> {
  const { host = '127.0.0.1', port, allowRemote = false } = options
  if (!allowRemote && !isLoopback(host)) throw new RemoteMonitoringError(host)
  const server = createServer((request, response) => void answer(streams, request, response))
  server.listen(port, host)
  await once(server, 'listening')
  const { address, family, port: bound } = server.address() as AddressInfo
  return {
    url: `http://${family === 'IPv6' ? `[${address}]` : address}:${bound}`,
    port: bound,
    async close() {
      if (!server.listening) return
      const closed = once(server, 'close')
      server.close()
      server.closeAllConnections()
      await closed
    },
  }
}

function isLoopback(host: string): boolean {
  if (isIP(host) === 4) return host.startsWith('127.')
  return host === '::1' || host === 'localhost'
}

interface Answer {
  readonly status: number
  readonly type: string
  readonly body: string
}

type Page = (streams: KafkaStreams) => Answer | Promise<Answer>

const pages: Readonly<Record<string, Page>> = {
  '/metrics': (streams) => ({ status: 200, type: prometheusContentType, body: prometheusText(streams.metrics()) }),
  '/health': (streams) => json({ state: streams.state() }, isHealthy(streams) ? 200 : 503),
  '/ready': (streams) => {
    const restoringTasks = tasksOf(streams).filter(({ role, isRestoring }) => role === 'active' && isRestoring)
    const body = {
      state: streams.state(),
      isPaused: streams.isPaused(),
      restoringTasks: restoringTasks.map(({ taskId }) => taskId),
    }
    return json(body, isReady(streams) ? 200 : 503)
  },
  '/topology': (streams) => json({ topology: streams.topologyDescription() }),
  '/tasks': (streams) => json({ tasks: tasksOf(streams) }),
  '/stores': (streams) => json({ stores: storesOf(streams) }),
  '/lag': async (streams) => json(await lagsOf(streams)),
}

async function answer(streams: KafkaStreams, request: IncomingMessage, response: ServerResponse): Promise<void> {
  let found: Answer
  try {
    found = await find(streams, request)
  } catch (error) {
    found = failure(500, 'INTERNAL', error instanceof Error ? error.message : String(error))
  }
  const retry = found.status === 503 ? { 'retry-after': '1' } : {}
  response.writeHead(found.status, { 'content-type': found.type, 'cache-control': 'no-store', ...retry })
  response.end(request.method === 'HEAD' ? '' : found.body)
}

function find(streams: KafkaStreams, { method, url = '/' }: IncomingMessage): Answer | Promise<Answer> {
  if (method !== 'GET' && method !== 'HEAD') {
    return failure(405, 'METHOD_NOT_ALLOWED', `Method ${method} is not allowed; use GET.`)
  }
  const [path] = url.split('?')
  const page = Object.hasOwn(pages, path!) ? pages[path!] : undefined
  if (page !== undefined) return page(streams)
  return failure(404, 'NOT_FOUND', `There is nothing at ${path}. Paths are ${Object.keys(pages).join(', ')}.`)
}

function json(body: unknown, status = 200): Answer {
  return { status, type: 'application/json; charset=utf-8', body: JSON.stringify(body) }
}

function failure(status: number, code: string, message: string): Answer {
  return json({ error: { code, message } }, status)
}
