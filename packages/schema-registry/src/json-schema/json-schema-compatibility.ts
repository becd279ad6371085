import { type Bounds, lostBounds } from './bounds.ts'
import {
  describeJson,
  isObject,
  type JsonObject,
  type JsonSchema,
  own,
  type RootedSchema,
  resolveRef,
  typesOf,
} from './json-schema.ts'

/** What was found for pairs of schemas. A pair that is being compared counts as fitting: a schema may contain itself. */
type Found = Map<JsonSchema, Map<JsonSchema, readonly string[]>>

/**
 * Why values that one schema (the writer's) accepts are not all accepted by another (the reader's); empty: they are. Keywords
 * beyond types, objects, arrays, bounds, enums, references and combinations are not compared. As in Confluent's registry, a
 * property that is added where any other was allowed does not fit, for it may have been written with another type; one that
 * is required now fits if it has a default.
 * @see io.confluent.kafka.schemaregistry.json.diff.SchemaDiff
 */
export function jsonSchemaDifferences(reader: RootedSchema, writer: RootedSchema): readonly string[] {
  return differences(reader, writer, '#', new Map())
}

function differences(reader: RootedSchema, writer: RootedSchema, path: string, found: Found): readonly string[] {
  const read = resolveRef(reader)
  const write = resolveRef(writer)
  const [r, w] = [read.schema, write.schema]
  if (r === true || w === false) return []
  if (r === false) return [`${path}: nothing is accepted any more`]
  const writers = found.get(r) ?? new Map<JsonSchema, readonly string[]>()
  found.set(r, writers)
  const known = writers.get(w)
  if (known !== undefined) return known
  writers.set(w, [])
  const inside = (a: JsonSchema, b: JsonSchema, at: string) =>
    differences({ ...read, schema: a }, { ...write, schema: b }, at, found)
  const all = ofSchemas(r, w, path, inside)
  writers.set(w, all)
  return all
}

function ofSchemas(r: JsonObject, w: true | JsonObject, path: string, inside: Inside): readonly string[] {
  const alternatives = w === true ? undefined : alternativesOf(w)
  if (alternatives !== undefined) return alternatives.flatMap((branch) => inside(r, branch, path))
  const all = listOf(r['allOf'])
  if (all !== undefined) {
    const { allOf: _allOf, ...rest } = r
    return [...all.flatMap((branch) => inside(branch, w, path)), ...inside(rest, w, path)]
  }
  const choices = alternativesOf(r)
  if (choices !== undefined) {
    if (choices.some((choice) => inside(choice, w, path).length === 0)) return []
    return [`${path}: ${describeJson(w)} is none of the alternatives that are accepted`]
  }
  const parts = w === true ? undefined : listOf(w['allOf'])
  if (parts !== undefined) {
    const { allOf: _allOf, ...rest } = w as JsonObject
    const byPart = [rest, ...parts].map((part) => inside(r, part, path))
    return byPart.find((differences) => differences.length === 0) ?? byPart[0]!
  }
  return ofPlain(r, w === true ? {} : w, path, inside)
}

type Inside = (reader: JsonSchema, writer: JsonSchema, path: string) => readonly string[]

function ofPlain(r: JsonObject, w: JsonObject, path: string, inside: Inside): readonly string[] {
  const writtenValues = valuesOf(w)
  const readValues = valuesOf(r)
  if (readValues !== undefined) {
    if (writtenValues === undefined) return [`${path}: is limited to ${readValues.join(', ')}`]
    const lost = writtenValues.filter((value) => !readValues.includes(value))
    return lost.length === 0 ? [] : [`${path}: ${lost.join(', ')} is not accepted any more`]
  }
  const types = typesOf(r)
  const written = writtenValues === undefined ? typesOf(w) : writtenValues.map(typeOfJson)
  const lostTypes = written.filter((type) => !types.includes(type) && !(type === 'integer' && types.includes('number')))
  if (lostTypes.length > 0) return [`${path}: type ${lostTypes.join(', ')} is not accepted any more`]
  if (writtenValues !== undefined) return []
  return [
    ...(written.some((type) => type !== 'object' && type !== 'array')
      ? lostBounds(r as Bounds, w as Bounds, path)
      : []),
    ...(written.includes('object') ? ofObjects(r, w, path, inside) : []),
    ...(written.includes('array') ? ofArrays(r, w, path, inside) : []),
  ]
}

function ofObjects(r: JsonObject, w: JsonObject, path: string, inside: Inside): readonly string[] {
  const [read, written] = [propertiesOf(r), propertiesOf(w)]
  const [readOthers, writtenOthers] = [othersOf(r), othersOf(w)]
  const found: string[] = []
  for (const name of new Set([...Object.keys(read), ...Object.keys(written)])) {
    const at = `${path}/properties/${name}`
    const [property, before] = [own(read, name), own(written, name)]
    if (property !== undefined && before !== undefined) found.push(...inside(property, before, at))
    else if (property !== undefined) {
      if (writtenOthers !== false && inside(property, writtenOthers, at).length > 0) {
        found.push(`${at}: is new, and any property of that name was accepted before`)
      }
    } else if (readOthers === false) found.push(`${at}: is not accepted any more`)
    else found.push(...inside(readOthers, before!, at))
  }
  const wasRequired = requiredOf(w)
  for (const name of requiredOf(r)) {
    const property = own(read, name)
    const hasDefault = isObject(property) && 'default' in property
    if (!wasRequired.includes(name) && !hasDefault) found.push(`${path}/required: '${name}' is required now`)
  }
  if (readOthers !== true && inside(readOthers, writtenOthers, path).length > 0) {
    found.push(`${path}/additionalProperties: fewer properties are accepted`)
  }
  for (const keyword of ['maxProperties', 'minProperties'] as const) found.push(...lostLimit(r, w, keyword, path))
  return found
}

function ofArrays(r: JsonObject, w: JsonObject, path: string, inside: Inside): readonly string[] {
  const found: string[] = []
  const [read, written] = [tupleOf(r), tupleOf(w)]
  for (let i = 0; i < Math.max(read.items.length, written.items.length); i++) {
    found.push(...inside(read.items[i] ?? read.others, written.items[i] ?? written.others, `${path}/items/${i}`))
  }
  found.push(...inside(read.others, written.others, `${path}/items`))
  for (const keyword of ['maxItems', 'minItems'] as const) found.push(...lostLimit(r, w, keyword, path))
  if (r['uniqueItems'] === true && w['uniqueItems'] !== true) found.push(`${path}/uniqueItems: items must differ now`)
  return found
}

/** `maxItems` and the like: a greater maximum accepts more, a smaller minimum too. */
function lostLimit(r: JsonObject, w: JsonObject, keyword: string, path: string): readonly string[] {
  const [limit, before] = [r[keyword], w[keyword]]
  if (typeof limit !== 'number' || (keyword.startsWith('min') && limit <= 0)) return []
  const isWide = typeof before === 'number' && (keyword.startsWith('max') ? before <= limit : before >= limit)
  return isWide ? [] : [`${path}/${keyword}: is ${limit} now`]
}

/** The values of an `enum` or a `const`, as JSON texts. */
function valuesOf(schema: JsonObject): readonly string[] | undefined {
  if ('const' in schema) return [JSON.stringify(schema['const'])]
  const { enum: values } = schema as { readonly enum?: unknown }
  return Array.isArray(values) ? values.map((value) => JSON.stringify(value)) : undefined
}

function typeOfJson(text: string): string {
  const value: unknown = JSON.parse(text)
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'array'
  return Number.isInteger(value) ? 'integer' : typeof value
}

function alternativesOf(schema: JsonObject): readonly JsonSchema[] | undefined {
  return listOf(schema['oneOf']) ?? listOf(schema['anyOf'])
}

function listOf(value: unknown): readonly JsonSchema[] | undefined {
  return Array.isArray(value) && value.length > 0 ? (value as JsonSchema[]) : undefined
}

function propertiesOf(schema: JsonObject): { readonly [name: string]: JsonSchema } {
  const properties = schema['properties']
  return isObject(properties) ? (properties as { readonly [name: string]: JsonSchema }) : {}
}

/** What properties without a schema of their own must be. */
function othersOf(schema: JsonObject): JsonSchema {
  const others = schema['additionalProperties'] ?? schema['unevaluatedProperties']
  return typeof others === 'boolean' || isObject(others) ? others : true
}

function requiredOf(schema: JsonObject): readonly string[] {
  const required = schema['required']
  return Array.isArray(required) ? (required as string[]) : []
}

/** Schemas by place, and of all later places. */
function tupleOf(schema: JsonObject): { readonly items: readonly JsonSchema[]; readonly others: JsonSchema } {
  const { prefixItems, items, additionalItems } = schema as { readonly [keyword: string]: JsonSchema }
  if (Array.isArray(prefixItems)) return { items: prefixItems, others: items ?? true }
  if (Array.isArray(items)) return { items, others: additionalItems ?? true }
  return { items: [], others: items ?? true }
}
