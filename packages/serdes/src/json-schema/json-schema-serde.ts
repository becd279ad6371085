import { parseJson, stringifyJson } from '../json-serde.ts'
import { type OwnSchema, RegisteredSchemas, type RegistryOptions } from '../registry/registered-schemas.ts'
import { headerLength, readSchemaId, writeHeader } from '../registry/wire-format.ts'
import { type Side, schemaViolation } from '../schema-violation.ts'
import type { Serde } from '../serde.ts'
import { type Check, compileJsonSchema, type JsonSchema, type JsonSchemaOptions } from './compile-json-schema.ts'

export type { JsonSchema } from './compile-json-schema.ts'

/** Options of {@link jsonSchemaSerde}. */
export interface JsonSchemaSerdeOptions extends Partial<RegistryOptions> {
  /**
   * The schema of the values that the program reads and writes. Without it values are checked by the schema they were written
   * with, and written only with `useLatestVersion`.
   */
  readonly schema?: JsonSchema
  /** ajv's own options. Formats are not checked unless `validateFormats` is true and `formats` has them. */
  readonly ajv?: JsonSchemaOptions
}

/** What is checked on each side. */
interface Compiled {
  readonly reads: Check
  readonly writes: Check
}

/**
 * JSON checked by a JSON Schema on both sides. With a registry the bytes are Confluent's, and name the schema they were
 * written with:
 *
 *   | 0x00 | schema id, int32 BE | JSON text |
 *
 * What is read is checked by `schema`, or by the schema it was written with where there is none. Without a registry the bytes
 * are JSON text alone. `T` is what the caller says it is. Null is a tombstone.
 *
 * @throws SerializationError for bytes without the header, an unknown id, and a value that fails its schema, with the path of
 *   the field
 * @see io.confluent.kafka.streams.serdes.json.KafkaJsonSchemaSerde
 */
export function jsonSchemaSerde<T = unknown>(options: JsonSchemaSerdeOptions): Serde<T> {
  const { registry } = options
  const serde = registry === undefined ? plainSerde(options) : registrySerde({ ...options, registry })
  return serde as Serde<T>
}

const name = 'json-schema'

function plainSerde({ schema, ajv }: JsonSchemaSerdeOptions): Serde<unknown> {
  if (schema === undefined) throw new TypeError('jsonSchemaSerde needs a schema, a registry, or both.')
  const check = compileJsonSchema(schema, [], ajv)
  return {
    name,
    schema,
    serialize(topic, value) {
      if (value === null) return null
      assertValid(topic, 'serialize', check, value)
      return stringifyJson(topic, name, value)
    },
    deserialize(topic, bytes) {
      if (bytes === null) return null
      const value = parseJson(topic, name, bytes)
      assertValid(topic, 'deserialize', check, value)
      return value
    },
  }
}

function registrySerde(options: JsonSchemaSerdeOptions & RegistryOptions): Serde<unknown> {
  const { schema, references = [], ajv } = options
  if (schema !== undefined && references.length === 0) compileJsonSchema(schema, [], ajv)
  const own: OwnSchema | undefined =
    schema === undefined
      ? undefined
      : { schema: { schemaType: 'JSON', schema: JSON.stringify(schema), references }, recordName: titleOf(schema) }
  const schemas = new RegisteredSchemas<Compiled>(options, own, (found, program) => {
    if (found.schemaType !== 'JSON') throw new TypeError(`it is a schema of type ${found.schemaType}, not JSON`)
    const writes = compileJsonSchema(JSON.parse(found.schema), found.referenced, ajv)
    const reads =
      program === undefined ? writes : compileJsonSchema(JSON.parse(program.schema), program.referenced, ajv)
    return { reads, writes }
  })
  return {
    name,
    serialize(topic, value) {
      if (value === null) return null
      const { id, compiled } = schemas.writerOf(topic)
      assertValid(topic, 'serialize', compiled.writes, value)
      const text = stringifyJson(topic, name, value)
      const bytes = Buffer.allocUnsafe(headerLength + text.length)
      bytes.set(text, headerLength)
      writeHeader(bytes, id)
      return bytes
    },
    deserialize(topic, bytes) {
      if (bytes === null) return null
      const { reads } = schemas.byId(readSchemaId(topic, name, bytes), topic)
      const value = parseJson(topic, name, bytes.subarray(headerLength))
      assertValid(topic, 'deserialize', reads, value)
      return value
    },
    prepare: (topic, use) => schemas.prepare(topic, use),
  }
}

function assertValid(topic: string, side: Side, check: Check, value: unknown): void {
  const issues = check(value)
  if (issues !== undefined) throw schemaViolation(topic, name, side, issues)
}

function titleOf(schema: JsonSchema): string | undefined {
  const title = typeof schema === 'object' ? schema['title'] : undefined
  return typeof title === 'string' ? title : undefined
}
