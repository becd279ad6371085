import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { afterEach } from 'vitest'
import { type SchemaRegistryOptions, type SchemaRegistryServer, startSchemaRegistry } from '../src/index.ts'

/** What a request was answered. */
export interface RestAnswer {
  readonly status: number
  readonly body: unknown
}

const closing: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const close of closing.splice(0).reverse()) await close()
})

/** A log engine in memory that is closed after the test. */
export async function openEngine(): Promise<LogEngine> {
  const engine = await LogEngine.open({ dir: 'memory', fileSystem: memoryFileSystem() })
  closing.push(() => engine.close())
  return engine
}

/** A registry that is closed after the test. */
export async function startServer(options: SchemaRegistryOptions = {}): Promise<SchemaRegistryServer> {
  const place = options.kafka === undefined && options.engine === undefined ? { engine: await openEngine() } : {}
  const server = await startSchemaRegistry({ ...place, ...options })
  closing.push(() => server.close())
  return server
}

/** Asks a registry as `curl` would. A body that is no text is sent as JSON. */
export async function ask(
  { url }: SchemaRegistryServer,
  request: string,
  body?: unknown,
  headers: Record<string, string> = {},
): Promise<RestAnswer> {
  const [method = '', path = ''] = request.split(' ')
  const response = await fetch(url + path, {
    method,
    headers: { 'content-type': 'application/vnd.schemaregistry.v1+json', ...headers },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  })
  const text = await response.text()
  return { status: response.status, body: parse(text) }
}

/** A body that gives an Avro schema. */
export function avro(schema: unknown): { readonly schema: string } {
  return { schema: JSON.stringify(schema) }
}

/** A body that gives an Avro record with these fields. */
export function record(...fields: unknown[]): { readonly schema: string } {
  return avro({ type: 'record', name: 'R', fields })
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}
