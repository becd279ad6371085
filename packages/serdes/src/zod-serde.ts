import type { ZodType, z } from 'zod'
import { parseJson, stringifyJson } from './json-serde.ts'
import type { Serde } from './serde.ts'
import { SerializationError } from './serialization-error.ts'

/** What goes wrong on each side, and what to do about it. */
const sides = {
  serialize: 'Correct the value before it is sent, or the schema if it is too narrow',
  deserialize: 'Correct the producer of the topic or the schema, or set a deserialization exception handler',
} as const

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
  const check = (topic: string, side: keyof typeof sides, value: unknown): z.output<S> => {
    const result = schema.safeParse(value)
    if (result.success) return result.data
    const issues = result.error.issues
    const first = issues[0]
    const more = issues.length > 1 ? ` (and ${issues.length - 1} more)` : ''
    throw new SerializationError({
      topic,
      what: `serde zod cannot ${side} a value: ${pathText(first?.path ?? [])}: ${first?.message ?? 'invalid'}${more}`,
      nextStep: sides[side],
      cause: result.error,
    })
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

function pathText(path: readonly PropertyKey[]): string {
  let text = ''
  for (const step of path) {
    if (typeof step === 'number') text += `[${step}]`
    else text += text === '' ? String(step) : `.${String(step)}`
  }
  return text === '' ? 'the value itself' : text
}
