import type { ZodType, z } from 'zod'
import { parseJson, stringifyJson } from './json-serde.ts'
import { type Side, schemaViolation } from './schema-violation.ts'
import type { Serde } from './serde.ts'

/**
 * JSON checked by a zod schema on both sides: what is written passes the schema, and what is read has its type.
 *
 * Values are written as they were given, not as the schema would transform them, and read as the schema's output. Unknown
 * fields follow the schema (`z.object` drops them on reading, `z.looseObject` keeps them). Schemas must be synchronous.
 * Null is a tombstone and is not given to the schema.
 *
 * @throws SerializationError naming the path of the first field that does not match, for example `legs[0].origin`.
 */
export function zodSerde<S extends ZodType>(schema: S): Serde<z.output<S>> {
  const check = (topic: string, side: Side, value: unknown): z.output<S> => {
    const result = schema.safeParse(value)
    if (result.success) return result.data
    throw schemaViolation(topic, 'zod', side, result.error.issues, result.error)
  }
  return {
    name: 'zod',
    serialize(topic, value) {
      if (value === null) return null
      check(topic, 'serialize', value)
      return stringifyJson(topic, 'zod', value)
    },
    deserialize(topic, bytes) {
      return bytes === null ? null : check(topic, 'deserialize', parseJson(topic, 'zod', bytes))
    },
  }
}
