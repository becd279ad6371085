import type { Type } from 'avsc'
import avsc from 'avsc'
import type { AvroSchema } from './avro-schema.ts'

/** How avsc shows values: its own options, such as `logicalTypes` and `wrapUnions`. */
export type AvroTypeOptions = NonNullable<Parameters<typeof Type.forSchema>[1]>

/** An avsc type of a schema; names that others define are taken from `referenced`. @throws Error when it is none */
export function compileAvro(
  schema: AvroSchema,
  referenced: readonly { readonly schema: string }[],
  options: AvroTypeOptions | undefined,
): Type {
  // One registry of names for the schema and what it refers to, never shared: two versions have the same names.
  const forSchema = { omitRecordMethods: true, ...options, registry: { ...options?.registry } }
  for (const { schema: text } of referenced) avsc.Type.forSchema(parseAvro(text) as never, forSchema)
  return avsc.Type.forSchema(schema as never, forSchema)
}

/** The schema that a text spells: JSON, or the bare name of a primitive. */
export function parseAvro(text: string): AvroSchema {
  return /^\s*[{["]/.test(text) ? (JSON.parse(text) as AvroSchema) : text.trim()
}
