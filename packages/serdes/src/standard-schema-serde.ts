import { parseJson, stringifyJson } from './json-serde.ts'
import { type SchemaIssue, type Side, schemaViolation } from './schema-violation.ts'
import type { Serde } from './serde.ts'
import { SerializationError } from './serialization-error.ts'

/**
 * What zod, valibot, arktype and many others have in common: version 1 of the standard-schema interface, so far as it is
 * used here.
 * @see https://standardschema.dev
 */
export interface StandardSchemaV1<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1
    readonly vendor: string
    readonly validate: (value: unknown) => StandardResult<Output> | Promise<StandardResult<Output>>
    readonly types?: { readonly input: Input; readonly output: Output } | undefined
  }
}

/** A value that passed, or what is wrong with it. */
export type StandardResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] }

/**
 * JSON checked on both sides by a schema of any library with the standard-schema interface.
 *
 * Values are written as they were given, not as the schema would transform them, and read as the schema's output. Schemas
 * must be synchronous. Null is a tombstone and is not given to the schema.
 *
 * @throws SerializationError naming the path of the first field that does not match, for example `legs[0].origin`.
 */
export function standardSchemaSerde<Output>(schema: StandardSchemaV1<unknown, Output>): Serde<Output> {
  const { vendor, validate } = schema['~standard']
  const check = (topic: string, side: Side, value: unknown): Output => {
    const result = validate(value)
    if (result instanceof Promise) throw asynchronous(topic, vendor, result)
    if (result.issues === undefined) return result.value
    throw schemaViolation(topic, vendor, side, result.issues)
  }
  return {
    name: vendor,
    serialize(topic, value) {
      if (value === null) return null
      check(topic, 'serialize', value)
      return stringifyJson(topic, vendor, value)
    },
    deserialize(topic, bytes) {
      return bytes === null ? null : check(topic, 'deserialize', parseJson(topic, vendor, bytes))
    },
  }
}

function asynchronous(topic: string, vendor: string, result: Promise<unknown>): SerializationError {
  // Nobody will read the answer, nor hear of its failure.
  result.catch(() => undefined)
  return new SerializationError({
    topic,
    what: `serde ${vendor} has a schema that validates asynchronously`,
    nextStep: 'Check what needs a promise in mapValuesAsync, and give the serde a synchronous schema',
  })
}
