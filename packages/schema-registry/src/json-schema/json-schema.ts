import { InvalidSchemaError } from '../invalid-schema-error.ts'

/** What a schema refers to, by the names it uses. */
export type References = ReadonlyMap<string, JsonSchema>

/** A schema with what its `$ref`s are looked up in. */
export interface RootedSchema {
  readonly schema: JsonSchema
  readonly root: JsonSchema
  readonly references: References
}

export type JsonObject = { readonly [keyword: string]: unknown }

/** A JSON Schema of any draft. */
export type JsonSchema = boolean | JsonObject

const allTypes = ['null', 'boolean', 'number', 'integer', 'string', 'array', 'object']
/** Keywords that hold one schema, several by name, and several in a list. */
const single = ['additionalProperties', 'additionalItems', 'not', 'contains', 'propertyNames', 'if', 'then', 'else']
const named = ['properties', 'patternProperties', 'definitions', '$defs', 'dependentSchemas']
const listed = ['allOf', 'anyOf', 'oneOf', 'prefixItems']
const maxDepth = 200

/** Checks the form of a JSON Schema: keywords that hold schemas, and those on which comparisons rely. @throws InvalidSchemaError */
export function checkJsonSchema(schema: unknown, path = '#', depth = 0): asserts schema is JsonSchema {
  if (depth > maxDepth) throw new InvalidSchemaError(`The schema is nested more than ${maxDepth} deep`)
  if (typeof schema === 'boolean') return
  if (!isObject(schema)) throw new InvalidSchemaError(`${path}: a schema is an object or a boolean`)
  const type = schema['type']
  const types = type === undefined ? [] : Array.isArray(type) ? type : [type]
  for (const name of types) {
    if (!allTypes.includes(name as string))
      throw new InvalidSchemaError(`${path}/type: unknown type ${JSON.stringify(name)}`)
  }
  const required = schema['required']
  if (required !== undefined && !(Array.isArray(required) && required.every((name) => typeof name === 'string'))) {
    throw new InvalidSchemaError(`${path}/required: needs a list of names`)
  }
  if (schema['enum'] !== undefined && !Array.isArray(schema['enum'])) {
    throw new InvalidSchemaError(`${path}/enum: needs a list of values`)
  }
  if (schema['$ref'] !== undefined && typeof schema['$ref'] !== 'string') {
    throw new InvalidSchemaError(`${path}/$ref: needs a text`)
  }
  const inside = (value: unknown, at: string) => checkJsonSchema(value, `${path}/${at}`, depth + 1)
  for (const keyword of single) if (schema[keyword] !== undefined) inside(schema[keyword], keyword)
  for (const keyword of named) {
    const value = schema[keyword]
    if (value === undefined) continue
    if (!isObject(value)) throw new InvalidSchemaError(`${path}/${keyword}: needs an object of schemas`)
    for (const [name, item] of Object.entries(value)) inside(item, `${keyword}/${name}`)
  }
  for (const keyword of [...listed, 'items']) {
    const value = schema[keyword]
    if (value === undefined) continue
    if (Array.isArray(value))
      value.forEach((item, i) => {
        inside(item, `${keyword}/${i}`)
      })
    else if (keyword === 'items') inside(value, keyword)
    else throw new InvalidSchemaError(`${path}/${keyword}: needs a list of schemas`)
  }
}

/** The types that a schema accepts. */
export function typesOf(schema: JsonObject): readonly string[] {
  const type = schema['type']
  if (type === undefined) return allTypes
  return Array.isArray(type) ? (type as string[]) : [type as string]
}

/** The schema that a `$ref` means, in this document or among the references; what cannot be found accepts everything. */
export function resolveRef(rooted: RootedSchema): RootedSchema {
  let at = rooted
  for (let steps = 0; steps < maxDepth && isObject(at.schema) && typeof at.schema['$ref'] === 'string'; steps++) {
    const [document = '', fragment = ''] = at.schema['$ref'].split('#', 2)
    const root = document === '' ? at.root : at.references.get(document)
    const schema = root === undefined ? undefined : pointed(root, fragment)
    at = { ...at, root: root ?? true, schema: schema ?? true }
  }
  return at
}

/** A schema in one word or two, for messages. */
export function describeJson(schema: JsonSchema): string {
  if (typeof schema === 'boolean') return schema ? 'any value' : 'no value'
  return schema['type'] === undefined ? JSON.stringify(schema).slice(0, 60) : `type ${typesOf(schema).join(', ')}`
}

/** A property of the object itself: names such as `constructor` are names like all others. */
export function own<T>(object: { readonly [name: string]: T }, name: string): T | undefined {
  return Object.hasOwn(object, name) ? object[name] : undefined
}

export function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function pointed(root: JsonSchema, fragment: string): JsonSchema | undefined {
  let at: unknown = root
  for (const step of fragment.split('/').slice(1)) {
    if (!isObject(at) && !Array.isArray(at)) return undefined
    at = own(at as JsonObject, unescaped(step))
  }
  return typeof at === 'boolean' || isObject(at) ? at : undefined
}

/** A step of a JSON pointer in a URL. */
function unescaped(step: string): string {
  try {
    return decodeURIComponent(step).replaceAll('~1', '/').replaceAll('~0', '~')
  } catch {
    return step
  }
}
