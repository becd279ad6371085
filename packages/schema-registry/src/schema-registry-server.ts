import { createHash, timingSafeEqual } from 'node:crypto'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import { type AddressInfo, isIP } from 'node:net'
import type { ClusterOptions } from '@millrace/kafka-client'
import type { LogEngine } from '@millrace/log-engine'
import type { CompatibilityLevel } from './compatibility.ts'
import { engineSchemaLog } from './log/engine-schema-log.ts'
import { kafkaSchemaLog } from './log/kafka-schema-log.ts'
import type { SchemaLog } from './log/schema-log.ts'
import { Registry } from './registry.ts'
import { RestError } from './rest/rest-error.ts'
import { readBody } from './rest/rest-request.ts'
import { findRoute, RawText } from './rest/routes.ts'
import { SchemaRegistryConfigError } from './schema-registry-config-error.ts'

/** Options of `startSchemaRegistry`. One of `engine` and `kafka` says where the schemas are kept. */
export interface SchemaRegistryOptions {
  /** A log engine of this process; it stays open when the registry closes. */
  readonly engine?: LogEngine
  /** A Kafka, and how to reach it. */
  readonly kafka?: ClusterOptions
  /** Default `_schemas`. */
  readonly topic?: string
  /** Default 127.0.0.1. */
  readonly host?: string
  /** Default 0: any that is free. */
  readonly port?: number
  /** The level of subjects while none is set. Default BACKWARD. */
  readonly compatibility?: CompatibilityLevel
  /** Who may use it, by HTTP's basic authentication. Without it everybody who reaches it may. */
  readonly users?: readonly { readonly name: string; readonly password: string }[]
  /** The largest request. Default 1 MiB. */
  readonly maxRequestBytes?: number
  /** Hears one line for each thing worth knowing. Default: silence. */
  readonly onLog?: (message: string) => void
}

/** A running schema registry. */
export interface SchemaRegistryServer {
  readonly host: string
  readonly port: number
  /** `http://host:port`, for clients. */
  readonly url: string
  close(): Promise<void>
}

const contentType = 'application/vnd.schemaregistry.v1+json'

/**
 * Starts a schema registry with Confluent's REST interface over a compacted topic.
 * @throws SchemaRegistryConfigError, and what the log throws
 * @see io.confluent.kafka.schemaregistry.rest.SchemaRegistryRestApplication
 */
export async function startSchemaRegistry(options: SchemaRegistryOptions): Promise<SchemaRegistryServer> {
  const { host = '127.0.0.1', port = 0, maxRequestBytes = 1_048_576, users } = options
  const onLog = options.onLog ?? (() => undefined)
  if (!isLoopback(host) && users === undefined) {
    throw new SchemaRegistryConfigError(
      `The schema registry on ${host} would be open to everybody in the network. Give it users, or let it listen on 127.0.0.1.`,
    )
  }
  const isAllowed = users === undefined ? () => true : basicAuthentication(users)
  const log = openLog(options)
  let registry: Registry
  try {
    registry = await Registry.open(log, options.compatibility ?? 'BACKWARD', onLog)
  } catch (error) {
    await log.close()
    throw error
  }

  const answer = async (request: IncomingMessage): Promise<unknown> => {
    if (!isAllowed(request.headers.authorization)) throw new RestError(40101, 'Unauthorized')
    const { pathname, searchParams: query } = urlOf(request)
    const method = request.method ?? 'GET'
    const { handler, path } = findRoute(method, pathname)
    const body = method === 'POST' || method === 'PUT' ? await readBody(request, maxRequestBytes) : {}
    return handler(registry, { path, query, body })
  }
  const server = createServer((request, response) => {
    answer(request).then(
      (value) => send(response, 200, value),
      (error: unknown) => {
        const refusal = error instanceof RestError ? error : new RestError(50001, 'Error in the schema registry')
        if (refusal !== error) onLog(`${request.method} ${request.url}: ${String(error)}`)
        // What is left of a request that was refused is not read.
        if (!request.complete) response.setHeader('connection', 'close')
        if (refusal.status === 401) response.setHeader('www-authenticate', 'Basic realm="schema registry"')
        send(response, refusal.status, { error_code: refusal.errorCode, message: refusal.message })
      },
    )
  })
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, resolve)
    })
  } catch (error) {
    await log.close()
    throw error
  }
  const bound = (server.address() as AddressInfo).port
  return {
    host,
    port: bound,
    url: `http://${isIP(host) === 6 ? `[${host}]` : host}:${bound}`,
    async close() {
      await new Promise<void>((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      })
      await registry.idle()
      await log.close()
    },
  }
}

function openLog({ engine, kafka, topic = '_schemas' }: SchemaRegistryOptions): SchemaLog {
  if (engine !== undefined && kafka === undefined) return engineSchemaLog(engine, topic)
  if (kafka !== undefined && engine === undefined) return kafkaSchemaLog(kafka, topic)
  throw new SchemaRegistryConfigError('A schema registry needs either an engine or a Kafka.')
}

function send(response: ServerResponse, status: number, value: unknown): void {
  const text = value instanceof RawText ? value.text : JSON.stringify(value)
  response.writeHead(status, { 'content-type': contentType }).end(text)
}

/** @throws RestError 400 */
function urlOf(request: IncomingMessage): URL {
  try {
    return new URL(request.url ?? '/', 'http://registry')
  } catch {
    throw new RestError(400, 'The path of the request is no URL')
  }
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Compares digests, so that the time it takes says nothing. */
function basicAuthentication(users: readonly { readonly name: string; readonly password: string }[]) {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  const wanted = users.map(({ name, password }) =>
    digest(`Basic ${Buffer.from(`${name}:${password}`).toString('base64')}`),
  )
  return (authorization: string | undefined): boolean => {
    const given = digest(authorization ?? '')
    return wanted.filter((one) => timingSafeEqual(one, given)).length > 0
  }
}
