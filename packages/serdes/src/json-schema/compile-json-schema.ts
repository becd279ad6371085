import { Ajv, type ErrorObject, type Options, type ValidateFunction } from 'ajv'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { Ajv2020 } from 'ajv/dist/2020.js'
import type { PathStep } from '../field-path.ts'
import type { SchemaIssue } from '../schema-violation.ts'

/** A JSON Schema of draft 7 (the default), 2019-09 or 2020-12, as its `$schema` says. */
export type JsonSchema = boolean | { readonly [keyword: string]: unknown }

/** ajv's own options, such as `formats`. */
export type JsonSchemaOptions = Options

/** Gives what is wrong with a value; undefined: nothing. */
export type Check = (value: unknown) => readonly SchemaIssue[] | undefined

/** A check of values by a schema; other schemas are found under the names by which it refers to them. @throws Error when it is none */
export function compileJsonSchema(
  schema: JsonSchema,
  referenced: readonly { readonly name: string; readonly schema: string }[],
  options: JsonSchemaOptions = {},
): Check {
  const draft = typeof schema === 'object' ? String(schema['$schema'] ?? '') : ''
  const Validator = draft.includes('2020-12') ? Ajv2020 : draft.includes('2019-09') ? Ajv2019 : Ajv
  // Unknown keywords and formats are comments: schemas of other languages' generators have many.
  const ajv = new Validator({ strict: false, validateFormats: false, ...options })
  for (const { name, schema: text } of referenced) ajv.addSchema(JSON.parse(text), name)
  const validate: ValidateFunction = ajv.compile(schema as never)
  return (value) => (validate(value) ? undefined : (validate.errors ?? []).map((error) => issueOf(error, value)))
}

function issueOf(error: ErrorObject, value: unknown): SchemaIssue {
  const path: PathStep[] = stepsOf(error.instancePath, value)
  const { missingProperty, additionalProperty } = error.params as Record<string, unknown>
  if (typeof missingProperty === 'string') return { path: [...path, missingProperty], message: 'is missing' }
  if (typeof additionalProperty === 'string') return { path: [...path, additionalProperty], message: 'is not allowed' }
  return { path, message: error.message ?? 'invalid' }
}

/** A JSON pointer as steps: numbers where the value has arrays. */
function stepsOf(pointer: string, value: unknown): PathStep[] {
  let at = value
  return pointer
    .split('/')
    .slice(1)
    .map((escaped) => {
      const name = escaped.replaceAll('~1', '/').replaceAll('~0', '~')
      const step = Array.isArray(at) ? Number(name) : name
      at = (at as Record<string | number, unknown> | null | undefined)?.[step]
      return step
    })
}
