// Values with the version of their form in front:
//
//   | 0xd6 0x56 | version, unsigned varint | what the version's serde writes … |
//
// The first two bytes are no UTF-8, so that neither texts nor JSON begin with them.

import type { Serde } from './serde.ts'
import { SerializationError, wrongBytes } from './serialization-error.ts'

/** Options of {@link versionedSerde}. */
export interface VersionedSerdeOptions<T> {
  /** Of the values that are written: an integer from 1. A change of their form is a new version. */
  readonly version: number
  readonly serde: Serde<T>
  /** By version: what makes of one of its values a value of the next version. */
  readonly upcasters?: { readonly [version: number]: (value: never) => unknown }
  /** By version: the serde of its values, where it was another one than `serde`. */
  readonly serdes?: { readonly [version: number]: Serde<unknown> }
  /** The version of values that were written before there was this serde, without a version in front. Default: there are none. */
  readonly unversioned?: number
  /** What values of this version look like, as JSON: an Avro schema, a JSON Schema, … Default: what `serde` says. */
  readonly schema?: unknown
}

const first = 0xd6
const second = 0x56

/**
 * A serde of values whose form changes over the years: each carries its version, and an older one goes through the upcasters
 * when it is read, so that the program sees the newest form only. A store does so too when it is restored from its
 * changelog.
 *
 * ```ts
 * const orders = versionedSerde({
 *   version: 2,
 *   serde: Serdes.json<Order>(),
 *   upcasters: { 1: (old: OrderV1): Order => ({ ...old, currency: 'EUR' }) },
 * })
 * ```
 *
 * An application whose store holds values that its serde cannot read refuses to start.
 * @throws TypeError when the upcasters do not lead to `version`; SerializationError for a version that is newer or has no
 *   upcaster, and for an upcaster that throws
 */
export function versionedSerde<T>(options: VersionedSerdeOptions<T>): Serde<T> {
  const { version, serde, unversioned } = options
  const upcasters = new Map(
    Object.entries(options.upcasters ?? {}).map(([from, upcast]) => [
      Number(from),
      upcast as (value: unknown) => unknown,
    ]),
  )
  check(version, upcasters, unversioned)
  const oldest = upcasters.size === 0 ? version : Math.min(...upcasters.keys())
  const header = headerOf(version)
  const schema = options.schema ?? serde.schema

  const refuse = (topic: string, found: number): never => {
    throw new SerializationError({
      topic,
      what: `a value is of version ${found}, and the versions that can be read are ${oldest} to ${version}`,
      nextStep: found > version ? 'Run the program that has written it' : `Give upcasters from version ${found} on`,
    })
  }
  /** A value of an older version, as one of the present. */
  const readOld = (topic: string, bytes: Uint8Array, from: number, start: number): T | null => {
    if (from < oldest || from > version) refuse(topic, from)
    let value: unknown = (options.serdes?.[from] ?? serde).deserialize(topic, bytes.subarray(start))
    try {
      for (let step = from; step < version; step += 1) value = upcasters.get(step)!(value)
    } catch (cause) {
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw wrongBytes(topic, 'versioned', `a value of version ${from}: its upcaster threw (${reason})`, cause)
    }
    return value as T | null
  }
  const isPresent = (bytes: Uint8Array): boolean => {
    for (let i = 0; i < header.length; i++) if (bytes[i] !== header[i]) return false
    return true
  }
  const serialize: Serde<T>['serialize'] = (topic, value, headers) => {
    const payload = serde.serialize(topic, value, headers)
    if (payload === null) return null
    const bytes = Buffer.allocUnsafe(header.length + payload.length)
    bytes.set(header)
    bytes.set(payload, header.length)
    return bytes
  }
  const deserialize: Serde<T>['deserialize'] = (topic, bytes, headers) => {
    if (bytes === null) return null
    if (isPresent(bytes)) return serde.deserialize(topic, bytes.subarray(header.length), headers)
    if (bytes[0] === first && bytes[1] === second) {
      const { value, end } = readVarint(bytes, 2)
      return readOld(topic, bytes, value, end)
    }
    if (unversioned !== undefined) return readOld(topic, bytes, unversioned, 0)
    throw wrongBytes(
      topic,
      'versioned',
      `${bytes.length} bytes without a version; if they are older, say which: unversioned`,
    )
  }
  return {
    name: 'versioned',
    serialize,
    deserialize,
    ...(serde.immutable === undefined ? {} : { immutable: serde.immutable }),
    ...(serde.prepare === undefined ? {} : { prepare: (topic, use) => serde.prepare!(topic, use) }),
    ...(schema === undefined ? {} : { schema }),
    versions: {
      current: version,
      canRead: (from) => {
        const read = from ?? unversioned
        return read !== undefined && read >= oldest && read <= version
      },
    },
    upgrade: (topic, bytes) => (isPresent(bytes) ? bytes : serialize(topic, deserialize(topic, bytes))!),
  }
}

/** @throws TypeError */
function check(version: number, upcasters: ReadonlyMap<number, unknown>, unversioned: number | undefined): void {
  if (!Number.isSafeInteger(version) || version < 1)
    throw new TypeError(`A version is an integer from 1, not ${version}.`)
  const oldest = Math.min(version, ...upcasters.keys())
  for (let from = oldest; from < version; from += 1) {
    if (!upcasters.has(from)) throw new TypeError(`There is no upcaster from version ${from} to ${from + 1}.`)
  }
  if (upcasters.size > version - oldest)
    throw new TypeError(`There are upcasters from versions other than 1 to ${version - 1}.`)
  if (unversioned !== undefined && (unversioned < oldest || unversioned > version)) {
    throw new TypeError(`Values without a version are said to be of version ${unversioned}, which cannot be read.`)
  }
}

function headerOf(version: number): Uint8Array {
  const bytes = [first, second]
  let rest = version
  for (; rest > 0x7f; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 0x80)
  bytes.push(rest)
  return Uint8Array.from(bytes)
}

function readVarint(bytes: Uint8Array, start: number): { readonly value: number; readonly end: number } {
  let [value, factor, end] = [0, 1, start]
  while (end < bytes.length && end < start + 7) {
    const byte = bytes[end++]!
    value += (byte & 0x7f) * factor
    if (byte < 0x80) break
    factor *= 128
  }
  return { value, end }
}
