import type { Serde } from '@millrace/serdes'
import type { QueryIsolation, StoreQueryParameters } from '../local-stores.ts'
import type { Position } from '../position.ts'
import { HttpError } from './http-error.ts'

const defaultLimit = 1_000
/** Reading and writing them out holds the thread for some tens of ms. */
const greatestLimit = 10_000

/** What a request's query string says, checked when it is asked for. */
export class QueryRequest {
  readonly storeName: string
  readonly #parameters: URLSearchParams

  constructor(storeName: string, parameters: URLSearchParams) {
    this.storeName = storeName
    this.#parameters = parameters
  }

  has(name: string): boolean {
    return this.#parameters.has(name)
  }

  /** The stores to ask, as for `KafkaStreams.store`. */
  get storeParameters(): StoreQueryParameters {
    const isolation = this.choice('isolation', ['read_committed', 'read_uncommitted'])
    return {
      ...(this.has('partition') ? { partition: this.number('partition', 0) } : {}),
      ...(isolation === undefined ? {} : { isolation: isolation satisfies QueryIsolation }),
      enableStaleStores: this.choice('stale', ['true', 'false']) === 'true',
    }
  }

  get limit(): number {
    const limit = this.number('limit', defaultLimit)
    if (limit < 1 || limit > greatestLimit) throw wrong('limit', String(limit), `1 to ${greatestLimit}`)
    return limit
  }

  get isDescending(): boolean {
    return this.choice('order', ['ascending', 'descending']) === 'descending'
  }

  get positionBound(): Position | undefined {
    const text = this.#parameters.get('position')
    if (text === null) return undefined
    const bound = parsed(text)
    const isPosition =
      typeof bound === 'object' &&
      bound !== null &&
      Object.values(bound).every(
        (partitions) =>
          typeof partitions === 'object' &&
          partitions !== null &&
          Object.values(partitions).every(Number.isSafeInteger),
      )
    if (!isPosition) throw wrong('position', text, 'JSON of the form {"topic":{"0":17}}')
    return bound as Position
  }

  /** A whole number; times are Unix ms. */
  number(name: string, missing: number): number {
    const text = this.#parameters.get(name)
    if (text === null) return missing
    const value = Number(text)
    if (text.trim() === '' || !Number.isSafeInteger(value)) throw wrong(name, text, 'a whole number')
    return value
  }

  choice<const C extends string>(name: string, choices: readonly C[]): C | undefined {
    const text = this.#parameters.get(name)
    if (text === null) return undefined
    const found = choices.find((choice) => choice === text)
    if (found === undefined) throw wrong(name, text, choices.join(' or '))
    return found
  }

  /**
   * A key as the serde takes it; null when the parameter is absent. With `keys=json` the text is JSON. Else it is the key
   * itself, or, where the serde takes no text, a number or JSON.
   */
  key(name: string, serde: Serde<unknown>): unknown {
    const text = this.#parameters.get(name)
    if (text === null) return null
    const isJson = this.choice('keys', ['text', 'json']) === 'json'
    for (const candidate of isJson ? jsonKeys(text) : textKeys(text, serde)) {
      try {
        if (candidate !== null && serde.serialize('query', candidate) !== null) return candidate
      } catch {
        // Not a key of this serde; the next reading of the text may be one.
      }
    }
    throw wrong(name, text, `a key of serde '${serde.name ?? 'of your own'}'${isJson ? ', as JSON' : ''}`)
  }
}

function textKeys(text: string, serde: Serde<unknown>): unknown[] {
  const readings = [text, ...jsonKeys(text), Buffer.from(text, 'base64')]
  const json = parsed(text)
  return serde.name === 'json' && json !== undefined ? [json, ...readings] : readings
}

function jsonKeys(text: string): unknown[] {
  const value = parsed(text)
  const readings = value === undefined ? [] : [value]
  if (typeof value === 'string') readings.push(Buffer.from(value, 'base64'))
  const digits = String(value ?? text)
  if (/^-?\d+$/.test(digits)) readings.splice(1, 0, BigInt(digits))
  return readings
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

function wrong(name: string, text: string, wanted: string): HttpError {
  return new HttpError(400, 'BAD_REQUEST', `Parameter '${name}' is '${text}'; it must be ${wanted}.`)
}
