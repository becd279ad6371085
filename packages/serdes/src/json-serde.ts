import type { Serde } from './serde.ts'
import { SerializationError, wrongBytes, wrongValue } from './serialization-error.ts'
import { decodeUtf8Strictly, encodeUtf8 } from './text.ts'

/** The value that JSON bytes spell; the JSON text `null` gives null. */
export function parseJson(topic: string, name: string, bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8Strictly(bytes))
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : String(cause)
    throw wrongBytes(topic, name, `${bytes.length} bytes that are not JSON (${reason})`, cause)
  }
}

/** The JSON bytes of a value: UTF-8, no spaces, fields in the order in which the object holds them. */
export function stringifyJson(topic: string, name: string, value: unknown): Uint8Array {
  let text: string | undefined
  try {
    text = JSON.stringify(value)
  } catch (cause) {
    throw new SerializationError({
      topic,
      what: `serde ${name} cannot write a value as JSON (${cause instanceof Error ? cause.message : String(cause)})`,
      nextStep: 'Leave out cycles and bigints, or give the objects a toJSON()',
      cause,
    })
  }
  // A promise has no fields of its own.
  if (text === undefined || (text === '{}' && value instanceof Promise)) {
    throw wrongValue(topic, name, value, 'a value that JSON can hold')
  }
  return encodeUtf8(text)
}

const json: Serde<unknown> = {
  name: 'json',
  serialize(topic, value) {
    return value === null ? null : stringifyJson(topic, 'json', value)
  },
  deserialize(topic, bytes) {
    return bytes === null ? null : parseJson(topic, 'json', bytes)
  },
}

/**
 * Any JSON value, unchecked: `T` is what the caller says it is (`zodSerde` of the subpath `./zod` checks).
 *
 * Equal objects give equal bytes only if their fields were made in the same order, so prefer a string as a key.
 * Null is a tombstone, never the text `null`; that text is read as null.
 */
export function jsonSerde<T>(): Serde<T> {
  return json as Serde<T>
}
