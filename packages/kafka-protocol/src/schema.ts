// Messages as data. A message is an object of fields; each field has a type and the versions it exists in; a field that
// a version lacks reads as its default and is not written.
//
//   const request = struct({
//     groupId: field(string, '0+'),
//     memberId: field(string, '3+', { default: '' }),
//     topics: field(array(struct({ name: field(string, '0+') })), '0+', { nullable: '2+' }),
//     rack: field(string, '4+', { tag: 0, default: '' }),
//   })
//
// `messageCodec(request, 4)` is flexible from version 4 on: compact lengths and tagged fields. What one version needs is
// compiled at its first use.

import { type ProtocolReader, ProtocolWriter, zeroUuid } from './primitives.ts'
import { ProtocolError } from './protocol-error.ts'

/** Versions of a field: `'3+'`, `'3-7'` (both inclusive) or `'3'`. */
export type VersionRange = `${number}+` | `${number}-${number}` | `${number}`

/**
 * What a field holds. `Out` is what is read, `In` what may be written: a struct's fields with a default may be left out
 * when writing, and are always present when read.
 */
export interface Type<Out, In = Out> {
  /** The least that a value takes in any version, in bytes. */
  readonly minBytes: number
  readonly zero: Out | null
  /** The functions for one version. */
  compile(version: number, flexible: boolean): CompiledType<Out, In>
}

/** A type's functions for one version. `nullable` ones take and return null. */
export interface CompiledType<Out, In> {
  read(reader: ProtocolReader): Out
  write(writer: ProtocolWriter, value: In): void
  readNullable?(reader: ProtocolReader): Out | null
  writeNullable?(writer: ProtocolWriter, value: In | null): void
}

/** Options of `field`. */
export interface FieldOptions<Out> {
  /** Versions in which null may stand for the value; in others a null is refused. */
  readonly nullable?: VersionRange
  /** What reads when the field is absent; makes it optional to write. Without it: 0, '', empty, false. */
  readonly default?: Out | null
  /** A tagged field: written only when it differs from its default. */
  readonly tag?: number
}

/** A field of a struct. */
export interface Field<Out, In, Optional extends boolean> {
  readonly type: Type<Out, In>
  readonly versions: VersionRange
  readonly options: FieldOptions<unknown>
  readonly optional?: Optional
}

/** Fields in wire order. */
export type Fields = Readonly<Record<string, AnyField>>

/** The object that a struct reads as. */
export type Read<F> = { [K in keyof F]: F[K] extends Field<infer Out, infer _In, infer _O> ? Out : never }

/** The object that a struct is written from. */
export type Write<F> = {
  readonly [K in RequiredKeys<F>]: F[K] extends Field<infer _Out, infer In, infer _O> ? In : never
} & {
  readonly [K in Exclude<keyof F, RequiredKeys<F>>]?:
    | (F[K] extends Field<infer _Out, infer In, infer _O> ? In : never)
    | undefined
}

type RequiredKeys<F> = { [K in keyof F]: F[K] extends Field<infer _Out, infer _In, true> ? never : K }[keyof F]

type NullIn<O> = O extends { readonly nullable: string } | { readonly default: null } ? null : never
type IsOptional<O> = O extends { readonly default: unknown } ? true : false

/** A field of `type`, in `versions` of the message. */
export function field<Out, In, const O extends FieldOptions<Out> = FieldOptions<never>>(
  type: Type<Out, In>,
  versions: VersionRange,
  options?: O,
): Field<Out | NullIn<O>, In | NullIn<O>, IsOptional<O>> {
  return { type: type as Type<Out | NullIn<O>, In | NullIn<O>>, versions, options: options ?? {} }
}

function fixed<T>(
  minBytes: number,
  zero: T,
  read: (reader: ProtocolReader) => T,
  write: (writer: ProtocolWriter, value: T) => void,
): Type<T> {
  const compiled: CompiledType<T, T> = { read, write }
  return { minBytes, zero, compile: () => compiled }
}

export const boolean: Type<boolean> = fixed<boolean>(
  1,
  false,
  (r) => r.boolean(),
  (w, value) => w.boolean(value),
)
export const int8: Type<number> = fixed(
  1,
  0,
  (r) => r.int8(),
  (w, value) => w.int8(value),
)
export const int16: Type<number> = fixed(
  2,
  0,
  (r) => r.int16(),
  (w, value) => w.int16(value),
)
export const uint16: Type<number> = fixed(
  2,
  0,
  (r) => r.uint16(),
  (w, value) => w.uint16(value),
)
export const int32: Type<number> = fixed(
  4,
  0,
  (r) => r.int32(),
  (w, value) => w.int32(value),
)
/** A safe integer. @throws ProtocolError for others */
export const int64: Type<number> = fixed(
  8,
  0,
  (r) => r.int64(),
  (w, value) => w.int64(value),
)
/** An int64 of any value: producer ids. */
export const bigint64: Type<bigint> = fixed(
  8,
  0n,
  (r) => r.bigint64(),
  (w, value) => w.bigint64(value),
)
/** 22 characters of URL-safe base64. */
export const uuid: Type<string> = fixed(
  16,
  zeroUuid,
  (r) => r.uuid(),
  (w, value) => w.uuid(value),
)

function variable<T>(
  zero: T,
  read: (reader: ProtocolReader, compact: boolean) => T | null,
  write: (writer: ProtocolWriter, value: T | null, compact: boolean) => void,
): Type<T> {
  const compileFor = (compact: boolean): CompiledType<T, T> => ({
    read: (reader) => read(reader, compact) ?? refuseNull(),
    write: (writer, value) => write(writer, value, compact),
    readNullable: (reader) => read(reader, compact),
    writeNullable: (writer, value) => write(writer, value, compact),
  })
  const plain = compileFor(false)
  const compact = compileFor(true)
  return { minBytes: 1, zero, compile: (_version, flexible) => (flexible ? compact : plain) }
}

function refuseNull(): never {
  throw new ProtocolError('INVALID_REQUEST', 'null where the version has no null')
}

/** UTF-8 text. */
export const string: Type<string> = variable(
  '',
  (r, compact) => r.string(compact),
  (w, value, compact) => w.string(value, compact),
)
/** Bytes; read as a view of the message. */
export const bytes: Type<Uint8Array> = variable(
  new Uint8Array(0),
  (r, compact) => r.bytes(compact),
  (w, value, compact) => w.bytes(value, compact),
)
/** Record batches, back to back; read as a view of the message. */
export const records: Type<Uint8Array> = bytes

/** Any number of `element`s. */
export function array<Out, In>(element: Type<Out, In>): Type<readonly Out[], readonly In[]> {
  return {
    minBytes: 1,
    zero: [],
    compile(version, flexible) {
      const { read: readElement, write: writeElement } = element.compile(version, flexible)
      const readNullable = (reader: ProtocolReader): Out[] | null => {
        const count = reader.count(flexible, element.minBytes)
        if (count < 0) return null
        const elements: Out[] = []
        for (let i = 0; i < count; i++) elements.push(readElement(reader))
        return elements
      }
      const write = (writer: ProtocolWriter, elements: readonly In[]): void => {
        writer.count(elements.length, flexible)
        for (const one of elements) writeElement(writer, one)
      }
      return {
        read: (reader) => readNullable(reader) ?? refuseNull(),
        write,
        readNullable,
        writeNullable: (writer, value) => (value === null ? writer.count(-1, flexible) : write(writer, value)),
      }
    },
  }
}

/** An object with fields in this order. */
export function struct<F extends Fields>(fields: F): Type<Read<F>, Write<F>> {
  const entries = Object.entries(fields)
  const inEveryVersion = entries.filter(([, one]) => one.versions === '0+' && one.options.tag === undefined)
  return {
    minBytes: Math.max(
      1,
      inEveryVersion.reduce((sum, [, one]) => sum + one.type.minBytes, 0),
    ),
    zero: null,
    compile: (version, flexible) => compileStruct(entries, version, flexible) as CompiledType<Read<F>, Write<F>>,
  }
}

type AnyField = Field<unknown, unknown, boolean>
type Values = Record<string, unknown>

interface FieldCodec {
  readonly name: string
  readonly tag: number | undefined
  readonly absent: unknown
  read(reader: ProtocolReader): unknown
  write(writer: ProtocolWriter, value: unknown): void
}

function compileStruct(
  entries: readonly (readonly [string, AnyField])[],
  version: number,
  flexible: boolean,
): CompiledType<Values, Values> {
  const defaults: Values = {}
  for (const [name, one] of entries) defaults[name] = defaultOf(one)
  const codecs = entries
    .filter(([, one]) => includesVersion(one.versions, version))
    .map(([name, one]) => compileField(name, one, version, flexible))
  const plain = codecs.filter((codec) => codec.tag === undefined)
  const tagged = codecs.filter((codec) => codec.tag !== undefined).sort((a, b) => a.tag! - b.tag!)
  const byTag = new Map(tagged.map((codec) => [codec.tag, codec]))

  const read = (reader: ProtocolReader): Values => {
    const values: Values = { ...defaults }
    for (const codec of plain) values[codec.name] = codec.read(reader)
    if (flexible) readTaggedFields(reader, values, byTag)
    return values
  }
  const write = (writer: ProtocolWriter, values: Values): void => {
    for (const codec of plain) {
      const value = values[codec.name]
      codec.write(writer, value === undefined ? codec.absent : value)
    }
    if (flexible) writeTaggedFields(writer, values, tagged)
  }
  return {
    read,
    write,
    // A nullable struct begins with one byte: 1, or -1 for null.
    readNullable: (reader) => (reader.int8() < 0 ? null : read(reader)),
    writeNullable(writer, values) {
      writer.int8(values === null ? -1 : 1)
      if (values !== null) write(writer, values)
    },
  }
}

function defaultOf({ type, options }: AnyField): unknown {
  return options.default === undefined ? type.zero : options.default
}

function compileField(name: string, one: AnyField, version: number, flexible: boolean): FieldCodec {
  const { type, options } = one
  const compiled = type.compile(version, flexible)
  const isNullable = options.nullable !== undefined && includesVersion(options.nullable, version)
  const { read, write } =
    isNullable && compiled.readNullable !== undefined && compiled.writeNullable !== undefined
      ? { read: compiled.readNullable, write: compiled.writeNullable }
      : { read: compiled.read, write: refusingNull(name, version, compiled.write) }
  return { name, tag: options.tag, absent: defaultOf(one), read, write }
}

function refusingNull(name: string, version: number, write: (writer: ProtocolWriter, value: unknown) => void) {
  return (writer: ProtocolWriter, value: unknown): void => {
    if (value === null || value === undefined)
      throw new ProtocolError('INVALID_REQUEST', `field '${name}' of version ${version} cannot be ${value}`)
    write(writer, value)
  }
}

function readTaggedFields(
  reader: ProtocolReader,
  values: Values,
  byTag: ReadonlyMap<number | undefined, FieldCodec>,
): void {
  const count = reader.uvarint()
  for (let i = 0; i < count; i++) {
    const tag = reader.uvarint()
    const size = reader.uvarint()
    const end = reader.position + size
    const codec = byTag.get(tag)
    if (codec === undefined) {
      reader.raw(size)
      continue
    }
    values[codec.name] = codec.read(reader)
    if (reader.position !== end)
      throw new ProtocolError('INVALID_REQUEST', `tagged field '${codec.name}' does not take the ${size} bytes it says`)
  }
}

function writeTaggedFields(writer: ProtocolWriter, values: Values, tagged: readonly FieldCodec[]): void {
  if (tagged.length === 0) {
    writer.uvarint(0)
    return
  }
  const present = tagged.filter((codec) => !isDefault(values[codec.name], codec.absent))
  writer.uvarint(present.length)
  for (const codec of present) {
    const content = new ProtocolWriter(64)
    codec.write(content, values[codec.name])
    writer.uvarint(codec.tag!)
    writer.uvarint(content.size)
    for (const chunk of content.finish()) writer.raw(chunk)
  }
}

function isDefault(value: unknown, absent: unknown): boolean {
  return (
    value === undefined || value === absent || (Array.isArray(value) && value.length === 0 && Array.isArray(absent))
  )
}

function includesVersion(range: VersionRange, version: number): boolean {
  const { from, to } = parseVersions(range)
  return version >= from && version <= to
}

/** Both ends inclusive; `to` is Infinity for `'3+'`. */
export function parseVersions(range: VersionRange): { readonly from: number; readonly to: number } {
  if (range.endsWith('+')) return { from: Number(range.slice(0, -1)), to: Number.POSITIVE_INFINITY }
  const [from, to = from] = range.split('-')
  return { from: Number(from), to: Number(to) }
}

/** Reads and writes one message in any of its versions. */
export interface MessageCodec<Out, In> {
  read(reader: ProtocolReader, version: number): Out
  write(writer: ProtocolWriter, value: In, version: number): void
}

/** The codec of a message whose versions from `flexibleFrom` on are flexible. */
export function messageCodec<Out, In>(type: Type<Out, In>, flexibleFrom: number): MessageCodec<Out, In> {
  const versions: (CompiledType<Out, In> | undefined)[] = []
  const forVersion = (version: number): CompiledType<Out, In> => {
    const known = versions[version]
    if (known !== undefined) return known
    const compiled = type.compile(version, version >= flexibleFrom)
    versions[version] = compiled
    return compiled
  }
  return {
    read: (reader, version) => forVersion(version).read(reader),
    write: (writer, value, version) => forVersion(version).write(writer, value),
  }
}

/** One of Kafka's APIs: a number, the versions that are implemented, and its two messages. */
export interface Api<Request = unknown, Response = unknown, RequestInput = never, ResponseInput = never> {
  readonly key: number
  /** Kafka's name: `Produce`. */
  readonly name: string
  readonly minVersion: number
  readonly maxVersion: number
  /** Infinity when no version is flexible. */
  readonly flexibleFrom: number
  readonly request: MessageCodec<Request, RequestInput>
  readonly response: MessageCodec<Response, ResponseInput>
}

/** Makes an `Api` of its description. */
export function defineApi<Request, RequestInput, Response, ResponseInput>(description: {
  readonly key: number
  readonly name: string
  readonly versions: VersionRange
  readonly flexible?: `${number}+`
  readonly request: Type<Request, RequestInput>
  readonly response: Type<Response, ResponseInput>
}): Api<Request, Response, RequestInput, ResponseInput> {
  const { from, to } = parseVersions(description.versions)
  const flexibleFrom =
    description.flexible === undefined ? Number.POSITIVE_INFINITY : parseVersions(description.flexible).from
  return {
    key: description.key,
    name: description.name,
    minVersion: from,
    maxVersion: to,
    flexibleFrom,
    request: messageCodec(description.request, flexibleFrom),
    response: messageCodec(description.response, flexibleFrom),
  }
}

/** The request as it is read. */
export type RequestOf<A> = A extends Api<infer Request, infer _R, infer _RI, infer _SI> ? Request : never
/** The request as it is written. */
export type RequestInputOf<A> = A extends Api<infer _R, infer _S, infer Input, infer _SI> ? Input : never
/** The response as it is read. */
export type ResponseOf<A> = A extends Api<infer _R, infer Response, infer _RI, infer _SI> ? Response : never
/** The response as it is written. */
export type ResponseInputOf<A> = A extends Api<infer _R, infer _S, infer _RI, infer Input> ? Input : never
