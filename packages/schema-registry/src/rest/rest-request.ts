import type { IncomingMessage } from 'node:http'
import { type CompatibilityLevel, compatibilityLevels } from '../compatibility.ts'
import { type Mode, modes, type SchemaReference } from '../log/log-records.ts'
import type { GivenSchema, VersionNumber } from '../registry.ts'
import { type SchemaType, schemaTypes } from '../schema-language.ts'
import { invalidSchema, RestError } from './rest-error.ts'

const mediaTypes: ReadonlySet<string> = new Set([
  'application/vnd.schemaregistry.v1+json',
  'application/vnd.schemaregistry+json',
  'application/json',
  'application/octet-stream',
])

type Body = { readonly [field: string]: unknown }

/** A request, taken apart. */
export interface RestRequest {
  /** What the path has in the places of the route's names, decoded. */
  readonly path: readonly string[]
  readonly query: URLSearchParams
  readonly body: Body
}

/** Reads the body of a request that has one. @throws RestError 400, 413, 415 */
export async function readBody(request: IncomingMessage, maxBytes: number): Promise<Body> {
  const mediaType = request.headers['content-type']?.split(';')[0]?.trim().toLowerCase()
  if (mediaType !== undefined && !mediaTypes.has(mediaType)) {
    throw new RestError(415, 'HTTP 415 Unsupported Media Type')
  }
  const chunks: Uint8Array[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Uint8Array>) {
    length += chunk.length
    if (length > maxBytes) throw new RestError(413, `The request is larger than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  let body: unknown
  try {
    body = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(Buffer.concat(chunks)))
  } catch (error) {
    throw new RestError(400, `The request is not JSON: ${error instanceof Error ? error.message : error}`)
  }
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new RestError(400, 'The request is not a JSON object')
  }
  return body as Body
}

/** @throws RestError 42201, 42202 */
export function schemaOf({ body }: RestRequest): GivenSchema {
  const { schema, schemaType = 'AVRO', references, id, version } = body
  if (schema === undefined || schema === null || schema === '') throw invalidSchema('Empty schema')
  if (typeof schema !== 'string') throw invalidSchema('the schema must be given as a text')
  const type = schemaType ?? 'AVRO'
  if (!(schemaTypes as readonly unknown[]).includes(type)) {
    throw invalidSchema(`this registry keeps schemas of type ${schemaTypes.join(' and ')}, not ${JSON.stringify(type)}`)
  }
  return {
    schemaType: type as SchemaType,
    schema,
    references: referencesOf(references),
    id: positive(id, 'id'),
    version: positive(version, 'version'),
  }
}

/** @throws RestError 42202 */
export function versionOf(text: string): VersionNumber {
  if (text === 'latest' || text === '-1') return 'latest'
  const version = Number(text)
  if (/^\d+$/.test(text) && version >= 1 && version <= 2 ** 31 - 1) return version
  throw new RestError(
    42202,
    `The specified version '${text}' is not a valid version id. Allowed values are between [1, 2^31-1] and the string "latest"`,
  )
}

/** @throws RestError 40403 */
export function idOf(text: string): number {
  const id = Number(text)
  if (/^\d+$/.test(text) && id <= 2 ** 31 - 1) return id
  throw new RestError(404, 'HTTP 404 Not Found')
}

/** @throws RestError 42203 */
export function levelOf({ body }: RestRequest): CompatibilityLevel {
  const level = typeof body['compatibility'] === 'string' ? body['compatibility'].toUpperCase() : undefined
  const found = compatibilityLevels.find((one) => one === level)
  if (found !== undefined) return found
  throw new RestError(
    42203,
    `Invalid compatibility level. Valid values are ${compatibilityLevels.join(', ').toLowerCase()}`,
  )
}

/** @throws RestError 42204 */
export function modeOf({ body }: RestRequest): Mode {
  const mode = typeof body['mode'] === 'string' ? body['mode'].toUpperCase() : undefined
  const found = modes.find((one) => one === mode)
  if (found !== undefined) return found
  throw new RestError(42204, `Invalid mode. Valid values are ${modes.join(', ')}`)
}

/** True for `?name=true`. */
export function flag({ query }: RestRequest, name: string): boolean {
  return query.get(name)?.toLowerCase() === 'true'
}

function referencesOf(references: unknown): readonly SchemaReference[] {
  if (references === undefined || references === null) return []
  if (!Array.isArray(references)) throw invalidSchema('references must be a list')
  return references.map((reference) => {
    const { name, subject, version } = (reference ?? {}) as Body
    if (typeof name !== 'string' || typeof subject !== 'string' || !Number.isSafeInteger(version)) {
      throw invalidSchema('a reference has a name, a subject and a version')
    }
    return { name, subject, version: version as number }
  })
}

function positive(value: unknown, name: string): number | undefined {
  if (value === undefined || value === null || value === -1 || value === 0) return undefined
  if (typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= 2 ** 31 - 1) return value
  throw new RestError(422, `The ${name} must be a positive integer of 32 bits`)
}
