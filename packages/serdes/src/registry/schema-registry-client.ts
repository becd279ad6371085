import { systemTime, type Time } from '../time.ts'
import type { Schema, SchemaReference, SchemaRegistry, SchemaType, SubjectVersion } from './schema-registry.ts'
import { SchemaRegistryError } from './schema-registry-error.ts'

/** Who asks: a name and a password, or a token. */
export type SchemaRegistryAuthentication =
  | { readonly username: string; readonly password: string }
  | { readonly token: string | (() => string | Promise<string>) }

/** Options of {@link SchemaRegistryClient}. */
export interface SchemaRegistryClientOptions {
  /** `http://host:port`, with a path if there is one; of several, the next is asked when one does not answer. */
  readonly url: string | readonly string[]
  readonly authentication?: SchemaRegistryAuthentication
  /** Further headers of each request. */
  readonly headers?: Readonly<Record<string, string>>
  /** Attempts after the first, when no answer came or the registry cannot serve now. Default 3. */
  readonly retries?: number
  /** ms before the first of them; doubled each time, up to 10 times as long. Default 100. */
  readonly retryBackoffMs?: number
  /** ms for which one answer is waited for. Default 10 000. */
  readonly timeoutMs?: number
  /** Default: that of the platform. */
  readonly fetch?: typeof globalThis.fetch
  /** Default: the wall clock. */
  readonly time?: Time
}

/** How a new version must fit the older ones. */
export type CompatibilityLevel =
  | 'BACKWARD'
  | 'BACKWARD_TRANSITIVE'
  | 'FORWARD'
  | 'FORWARD_TRANSITIVE'
  | 'FULL'
  | 'FULL_TRANSITIVE'
  | 'NONE'

/** Whether a schema fits, and why not. */
export interface CompatibilityAnswer {
  readonly isCompatible: boolean
  readonly messages: readonly string[]
}

const contentType = 'application/vnd.schemaregistry.v1+json'

/**
 * A client of a schema registry with Confluent's REST interface. Schemas by id, ids of registered schemas and numbered
 * versions never change, and are asked for once.
 * @see io.confluent.kafka.schemaregistry.client.CachedSchemaRegistryClient
 */
export class SchemaRegistryClient implements SchemaRegistry {
  readonly name: string
  readonly #options: SchemaRegistryClientOptions
  readonly #urls: readonly string[]
  readonly #time: Time
  readonly #answers = new Map<string, Promise<unknown>>()
  /** The URL that answered last. */
  #current = 0

  constructor(options: SchemaRegistryClientOptions) {
    const urls = typeof options.url === 'string' ? [options.url] : options.url
    if (urls.length === 0) throw new TypeError('A schema registry client needs at least one URL.')
    this.#urls = urls.map((url) => new URL(url).href.replace(/\/+$/, ''))
    this.name = this.#urls.map(urlWithoutUser).join(', ')
    this.#options = options
    this.#time = options.time ?? systemTime
  }

  schemaById(id: number): Promise<Schema> {
    return this.#once(`id ${id}`, async () => schemaOf(await this.#request('GET', `/schemas/ids/${id}`)))
  }

  register(subject: string, schema: Schema): Promise<number> {
    return this.#once(`register ${subject} ${keyOf(schema)}`, async () => {
      const path = `/subjects/${encodeURIComponent(subject)}/versions`
      const { id } = await this.#request<{ id: number }>('POST', path, bodyOf(schema))
      return id
    })
  }

  lookUp(subject: string, schema: Schema): Promise<SubjectVersion> {
    return this.#once(`lookUp ${subject} ${keyOf(schema)}`, async () =>
      subjectVersionOf(await this.#request('POST', `/subjects/${encodeURIComponent(subject)}`, bodyOf(schema))),
    )
  }

  version(subject: string, version: number | 'latest'): Promise<SubjectVersion> {
    const path = `/subjects/${encodeURIComponent(subject)}/versions/${version}`
    const ask = async () => subjectVersionOf(await this.#request('GET', path))
    return version === 'latest' ? ask() : this.#once(path, ask)
  }

  versions(subject: string): Promise<readonly number[]> {
    return this.#request('GET', `/subjects/${encodeURIComponent(subject)}/versions`)
  }

  /** All subjects, but for deleted ones. */
  subjects(): Promise<readonly string[]> {
    return this.#request('GET', '/subjects')
  }

  /** Whether a schema could be registered in a subject: against one version of it, or (default) those that its level asks for. */
  async testCompatibility(subject: string, schema: Schema, version?: number | 'latest'): Promise<CompatibilityAnswer> {
    const place = version === undefined ? 'versions' : `versions/${version}`
    const path = `/compatibility/subjects/${encodeURIComponent(subject)}/${place}?verbose=true`
    const answer = await this.#request<{ is_compatible: boolean; messages?: string[] }>('POST', path, bodyOf(schema))
    return { isCompatible: answer.is_compatible, messages: answer.messages ?? [] }
  }

  /** The level of a subject, or that of the registry where the subject has none or is not given. */
  async compatibility(subject?: string): Promise<CompatibilityLevel> {
    const path = subject === undefined ? '/config' : `/config/${encodeURIComponent(subject)}?defaultToGlobal=true`
    return (await this.#request<{ compatibilityLevel: CompatibilityLevel }>('GET', path)).compatibilityLevel
  }

  /** Sets the level of a subject, or of the registry. */
  async setCompatibility(compatibility: CompatibilityLevel, subject?: string): Promise<void> {
    const path = subject === undefined ? '/config' : `/config/${encodeURIComponent(subject)}`
    await this.#request('PUT', path, { compatibility })
  }

  /** Deletes all versions of a subject; with `permanent`, those deleted before for good. Gives their numbers. */
  async deleteSubject(subject: string, options: { readonly permanent?: boolean } = {}): Promise<readonly number[]> {
    const query = options.permanent === true ? '?permanent=true' : ''
    const versions = await this.#request<number[]>('DELETE', `/subjects/${encodeURIComponent(subject)}${query}`)
    for (const key of this.#answers.keys()) if (key.startsWith(`register ${subject} `)) this.#answers.delete(key)
    return versions
  }

  /** Asks once; what failed is asked again. */
  #once<T>(key: string, ask: () => Promise<T>): Promise<T> {
    const known = this.#answers.get(key) as Promise<T> | undefined
    if (known !== undefined) return known
    const answer = ask()
    this.#answers.set(key, answer)
    answer.catch(() => this.#answers.delete(key))
    return answer
  }

  /** One question, with its retries. @throws SchemaRegistryError */
  async #request<T>(method: string, path: string, body?: unknown): Promise<T> {
    const { retries = 3, retryBackoffMs = 100 } = this.#options
    let backoffMs = retryBackoffMs
    for (let attempt = 0; ; attempt++) {
      try {
        return await this.#askAny<T>(method, path, body)
      } catch (error) {
        if (!(error instanceof SchemaRegistryError && error.isRetriable) || attempt >= retries) throw error
        await this.#time.sleep(backoffMs)
        backoffMs = Math.min(backoffMs * 2, retryBackoffMs * 10)
      }
    }
  }

  /** Asks one URL after the other, beginning with the one that answered last. */
  async #askAny<T>(method: string, path: string, body: unknown): Promise<T> {
    for (let i = 1; ; i++) {
      try {
        return await this.#ask<T>(this.#urls[this.#current]!, method, path, body)
      } catch (error) {
        if (!(error instanceof SchemaRegistryError && error.isRetriable)) throw error
        this.#current = (this.#current + 1) % this.#urls.length
        if (i >= this.#urls.length) throw error
      }
    }
  }

  async #ask<T>(url: string, method: string, path: string, body: unknown): Promise<T> {
    const ask = this.#options.fetch ?? globalThis.fetch
    const place = urlWithoutUser(url)
    let status: number
    let text: string
    try {
      const response = await ask(urlWithoutUser(url) + path, {
        method,
        headers: await this.#headers(url, body !== undefined),
        signal: AbortSignal.timeout(this.#options.timeoutMs ?? 10_000),
        ...(body === undefined ? {} : { body: JSON.stringify(body) }),
      })
      status = response.status
      text = await response.text()
    } catch (cause) {
      throw new SchemaRegistryError({
        message: `The schema registry at ${place} cannot be reached (${reasonOf(cause)}): ${method} ${path}.`,
        cause,
      })
    }
    const answer = parse(text)
    if (status >= 200 && status < 300 && answer !== undefined) return answer as T
    const { error_code: errorCode, message } = (answer ?? {}) as { error_code?: number; message?: string }
    const said = message ?? (answer === undefined ? `an answer that is not JSON: ${text.slice(0, 60)}` : text)
    throw new SchemaRegistryError({
      message: `The schema registry at ${place} answered ${method} ${path} with ${status}${errorCode === undefined || errorCode === status ? '' : ` (${errorCode})`}: ${said}`,
      status,
      errorCode: typeof errorCode === 'number' ? errorCode : undefined,
    })
  }

  async #headers(url: string, hasBody: boolean): Promise<Record<string, string>> {
    const { authentication, headers } = this.#options
    const { username, password } = new URL(url)
    const all: Record<string, string> = { accept: contentType, ...headers }
    if (hasBody) all['content-type'] = contentType
    if (authentication !== undefined && 'token' in authentication) {
      const { token } = authentication
      all['authorization'] = `Bearer ${typeof token === 'string' ? token : await token()}`
    } else if (authentication !== undefined || username !== '') {
      const user = authentication ?? { username: decodeURIComponent(username), password: decodeURIComponent(password) }
      all['authorization'] = `Basic ${Buffer.from(`${user.username}:${user.password}`).toString('base64')}`
    }
    return all
  }
}

/** How REST answers spell a schema. */
interface RestSchema {
  readonly schema: string
  readonly schemaType?: SchemaType
  readonly references?: readonly SchemaReference[]
}

function schemaOf({ schema, schemaType = 'AVRO', references = [] }: RestSchema): Schema {
  return { schemaType, schema, references }
}

function subjectVersionOf(answer: RestSchema & { subject: string; version: number; id: number }): SubjectVersion {
  return { ...schemaOf(answer), subject: answer.subject, version: answer.version, id: answer.id }
}

/** Registries older than the other types know no `schemaType`, and need none for Avro. */
function bodyOf({ schemaType, schema, references }: Schema): RestSchema {
  return {
    schema,
    ...(schemaType === 'AVRO' ? {} : { schemaType }),
    ...(references.length === 0 ? {} : { references }),
  }
}

function keyOf({ schemaType, schema, references }: Schema): string {
  return JSON.stringify([schemaType, schema, references])
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The platform's fetch hides what went wrong in the cause. */
function reasonOf(cause: unknown): string {
  if (!(cause instanceof Error)) return String(cause)
  return cause.cause instanceof Error && cause.cause.message !== '' ? cause.cause.message : cause.message
}

function urlWithoutUser(url: string): string {
  const parsed = new URL(url)
  parsed.username = ''
  parsed.password = ''
  return parsed.href.replace(/\/+$/, '')
}
