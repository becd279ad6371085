import type { Type } from 'avsc'
import { type OwnSchema, RegisteredSchemas, type RegistryOptions } from '../registry/registered-schemas.ts'
import { headerLength, readSchemaId } from '../registry/wire-format.ts'
import type { Serde } from '../serde.ts'
import { decodeAvro, encodeAvro } from './avro-codec.ts'
import type { AvroSchema, AvroValue } from './avro-schema.ts'
import { type AvroTypeOptions, compileAvro, parseAvro } from './compile-avro.ts'

/** Options of {@link avroSerde}. */
export interface AvroSerdeOptions<S extends AvroSchema = AvroSchema> extends Partial<RegistryOptions> {
  /**
   * The schema of the values that the program reads and writes. Without it values are read as they were written, and written
   * only with `useLatestVersion`.
   */
  readonly schema?: S
  /** How avsc shows values: `logicalTypes`, `wrapUnions` and the like. */
  readonly typeOptions?: AvroTypeOptions
}

/** A schema of the registry, ready to read with. */
interface Compiled {
  readonly type: Type
  /** From the writer's schema to the type; undefined when they are the same. */
  readonly resolver: ReturnType<Type['createResolver']> | undefined
  /** What writes: the schema's own type. */
  readonly writer: Type
}

/**
 * Avro. With a registry the bytes are Confluent's, and name the schema they were written with:
 *
 *   | 0x00 | schema id, int32 BE | Avro binary |
 *
 * A record is read by the rules of Avro from the schema it was written with to `schema`: added fields take their defaults,
 * removed ones are passed over, numbers are widened, aliases are followed. Without a registry the bytes are Avro binary
 * alone, of exactly `schema`: for state, and for topics of one's own.
 *
 * Values are those of `avsc`: `long` is a number and refused beyond ±(2^53 − 1), `bytes` and `fixed` are Buffers, a union is
 * one of its values. The type follows from a schema that is written in the call or `as const`; else name it:
 * `avroSerde<Order>({ … })`. Null is a tombstone.
 *
 * What has to be fetched is fetched once; a record that needs it waits (see `docs/serdes.md`).
 *
 * @throws SerializationError for bytes without the header, an unknown id, a schema that cannot be read as `schema`, and a
 *   value that fails its schema, with the path of the field
 * @see io.confluent.kafka.streams.serdes.avro.GenericAvroSerde
 */
export function avroSerde<T = never, const S extends AvroSchema = AvroSchema>(
  options: AvroSerdeOptions<S>,
): Serde<[T] extends [never] ? AvroValue<S> : T> {
  const { registry } = options
  const serde = registry === undefined ? plainSerde(options) : registrySerde({ ...options, registry })
  return serde as Serde<[T] extends [never] ? AvroValue<S> : T>
}

function plainSerde({ schema, typeOptions }: AvroSerdeOptions): Serde<unknown> {
  if (schema === undefined) throw new TypeError('avroSerde needs a schema, a registry, or both.')
  const type = compileAvro(schema, [], typeOptions)
  return {
    name: 'avro',
    schema,
    serialize: (topic, value) => (value === null ? null : encodeAvro(topic, type, value, undefined)),
    deserialize: (topic, bytes) => (bytes === null ? null : decodeAvro(topic, type, undefined, bytes, 0)),
  }
}

function registrySerde(options: AvroSerdeOptions & RegistryOptions): Serde<unknown> {
  const { schema, typeOptions, references = [] } = options
  // Without references the program's schema can be checked at once.
  if (schema !== undefined && references.length === 0) compileAvro(schema, [], typeOptions)
  const own: OwnSchema | undefined =
    schema === undefined
      ? undefined
      : { schema: { schemaType: 'AVRO', schema: JSON.stringify(schema), references }, recordName: avroName(schema) }
  const schemas = new RegisteredSchemas<Compiled>(options, own, (found, program) => {
    if (found.schemaType !== 'AVRO') throw new TypeError(`it is a schema of type ${found.schemaType}, not AVRO`)
    const writer = compileAvro(parseAvro(found.schema), found.referenced, typeOptions)
    if (program === undefined) return { type: writer, resolver: undefined, writer }
    const reader = compileAvro(parseAvro(program.schema), program.referenced, typeOptions)
    // Schemas of the same form need no resolving.
    if (reader.equals(writer)) return { type: reader, resolver: undefined, writer: reader }
    return { type: reader, resolver: reader.createResolver(writer), writer }
  })

  // Records in a row are mostly of one topic and one schema.
  let lastId = -1
  let last: Compiled | undefined
  return {
    name: 'avro',
    serialize(topic, value) {
      if (value === null) return null
      const { id, compiled } = schemas.writerOf(topic)
      return encodeAvro(topic, compiled.writer, value, id)
    },
    deserialize(topic, bytes) {
      if (bytes === null) return null
      const id = readSchemaId(topic, 'avro', bytes)
      if (last === undefined || id !== lastId) {
        last = schemas.byId(id, topic)
        lastId = id
      }
      return decodeAvro(topic, last.type, last.resolver, bytes, headerLength)
    },
    prepare: (topic, use) => schemas.prepare(topic, use),
  }
}

/** The full name of a record, an enum or a fixed. */
function avroName(schema: AvroSchema): string | undefined {
  if (typeof schema === 'string' || Array.isArray(schema)) return undefined
  const { name, namespace } = schema as { readonly name?: unknown; readonly namespace?: unknown }
  if (typeof name !== 'string') return undefined
  return name.includes('.') || typeof namespace !== 'string' || namespace === '' ? name : `${namespace}.${name}`
}
