import { InvalidSchemaError } from '../invalid-schema-error.ts'
import { type AvroField, type AvroPrimitive, type AvroType, avroPrimitives, type NamedType } from './avro-type.ts'
import { checkDefault } from './check-default.ts'

type Json = { readonly [key: string]: unknown }

const simple = /^[A-Za-z_][A-Za-z0-9_]*$/
/** Deeper schemas are nobody's. */
const maxDepth = 200

/**
 * Parses an Avro schema. `names` holds the definitions that it may refer to by name, and gets those that it makes.
 * @throws InvalidSchemaError
 */
export function parseAvro(schema: unknown, names: Map<string, NamedType>): AvroType {
  return new AvroParser(names).parse(schema, '', 0)
}

class AvroParser {
  readonly #names: Map<string, NamedType>

  constructor(names: Map<string, NamedType>) {
    this.#names = names
  }

  parse(schema: unknown, namespace: string, depth: number): AvroType {
    if (depth > maxDepth) throw new InvalidSchemaError(`The schema is nested more than ${maxDepth} deep`)
    if (typeof schema === 'string') return this.#byName(schema, namespace)
    if (Array.isArray(schema)) return this.#union(schema, namespace, depth)
    if (typeof schema !== 'object' || schema === null) {
      throw new InvalidSchemaError(`A schema is a name, an object or an array, not ${JSON.stringify(schema)}`)
    }
    const definition = schema as Json
    const type = definition['type']
    switch (type) {
      case 'record':
      case 'error':
        return this.#record(definition, namespace, depth)
      case 'enum':
        return this.#enum(definition, namespace)
      case 'fixed':
        return this.#fixed(definition, namespace)
      case 'array':
        return { kind: 'array', items: this.parse(required(definition, 'items', 'An array'), namespace, depth + 1) }
      case 'map':
        return { kind: 'map', values: this.parse(required(definition, 'values', 'A map'), namespace, depth + 1) }
      case undefined:
        throw new InvalidSchemaError(`No type: ${JSON.stringify(schema).slice(0, 100)}`)
      default:
        return this.parse(type, namespace, depth + 1)
    }
  }

  #byName(name: string, namespace: string): AvroType {
    if ((avroPrimitives as readonly string[]).includes(name)) return { kind: name as AvroPrimitive }
    const found = this.#names.get(fullNameOf(name, namespace)) ?? this.#names.get(name)
    if (found === undefined) throw new InvalidSchemaError(`Undefined name: ${JSON.stringify(name)}`)
    return found
  }

  #union(schemas: readonly unknown[], namespace: string, depth: number): AvroType {
    const branches = schemas.map((schema) => this.parse(schema, namespace, depth + 1))
    const seen = new Set<string>()
    for (const branch of branches) {
      if (branch.kind === 'union') throw new InvalidSchemaError('A union cannot contain a union directly')
      const name = 'fullName' in branch ? branch.fullName : branch.kind
      if (seen.has(name)) throw new InvalidSchemaError(`Duplicate in union: ${name}`)
      seen.add(name)
    }
    return { kind: 'union', branches }
  }

  #record(definition: Json, outer: string, depth: number): AvroType {
    const fields: AvroField[] = []
    const record: AvroType = { kind: 'record', ...namesOf(definition, outer), fields }
    this.#define(record)
    const namespace = namespaceOf(record.fullName)
    const list = required(definition, 'fields', `Record ${record.fullName}`)
    if (!Array.isArray(list)) throw new InvalidSchemaError(`Record ${record.fullName}: fields must be an array`)
    const seen = new Set<string>()
    for (const item of list) {
      if (typeof item !== 'object' || item === null) {
        throw new InvalidSchemaError(`Record ${record.fullName}: a field must be an object`)
      }
      const field = item as Json
      const name = field['name']
      if (typeof name !== 'string' || !simple.test(name)) {
        throw new InvalidSchemaError(`Record ${record.fullName}: illegal field name ${JSON.stringify(name)}`)
      }
      if (seen.has(name)) throw new InvalidSchemaError(`Duplicate field ${name} in record ${record.fullName}`)
      seen.add(name)
      const place = `Field ${record.fullName}.${name}`
      const type = this.parse(required(field, 'type', place), namespace, depth + 1)
      const hasDefault = 'default' in field
      if (hasDefault) checkDefault(type, field['default'], place)
      fields.push({ name, aliases: texts(field['aliases'], place), type, hasDefault })
    }
    return record
  }

  #enum(definition: Json, outer: string): AvroType {
    const names = namesOf(definition, outer)
    const symbols = texts(required(definition, 'symbols', `Enum ${names.fullName}`), `Enum ${names.fullName}`)
    for (const symbol of symbols) {
      if (!simple.test(symbol)) throw new InvalidSchemaError(`Enum ${names.fullName}: illegal symbol ${symbol}`)
    }
    if (new Set(symbols).size < symbols.length) throw new InvalidSchemaError(`Duplicate symbol in ${names.fullName}`)
    const byDefault = definition['default']
    if (byDefault !== undefined && !symbols.includes(byDefault as string)) {
      throw new InvalidSchemaError(`Enum ${names.fullName}: the default ${JSON.stringify(byDefault)} is no symbol`)
    }
    return this.#define({ kind: 'enum', ...names, symbols, default: byDefault as string | undefined })
  }

  #fixed(definition: Json, outer: string): AvroType {
    const names = namesOf(definition, outer)
    const size = definition['size']
    if (typeof size !== 'number' || !Number.isSafeInteger(size) || size < 0) {
      throw new InvalidSchemaError(`Fixed ${names.fullName}: illegal size ${JSON.stringify(size)}`)
    }
    return this.#define({ kind: 'fixed', ...names, size })
  }

  #define<T extends NamedType>(type: T): T {
    if (this.#names.has(type.fullName)) throw new InvalidSchemaError(`Can't redefine: ${type.fullName}`)
    this.#names.set(type.fullName, type)
    return type
  }
}

/** The full name of a name in a namespace. */
export function fullNameOf(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

/** What a full name has before its last dot; empty without one. */
export function namespaceOf(fullName: string): string {
  return fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
}

function namesOf(definition: Json, outer: string): { fullName: string; aliases: readonly string[] } {
  const name = definition['name']
  const own = definition['namespace']
  if (typeof name !== 'string' || !name.split('.').every((part) => simple.test(part))) {
    throw new InvalidSchemaError(`Illegal name: ${JSON.stringify(name)}`)
  }
  if ((avroPrimitives as readonly string[]).includes(name)) throw new InvalidSchemaError(`Illegal name: ${name}`)
  if (own !== undefined && (typeof own !== 'string' || !/^([A-Za-z_]\w*(\.[A-Za-z_]\w*)*)?$/.test(own))) {
    throw new InvalidSchemaError(`Illegal namespace: ${JSON.stringify(own)}`)
  }
  const fullName = fullNameOf(name, own ?? outer)
  const namespace = namespaceOf(fullName)
  return { fullName, aliases: texts(definition['aliases'], fullName).map((alias) => fullNameOf(alias, namespace)) }
}

function required(definition: Json, property: string, place: string): unknown {
  const value = definition[property]
  if (value === undefined) throw new InvalidSchemaError(`${place} has no ${property}`)
  return value
}

function texts(value: unknown, place: string): readonly string[] {
  if (value === undefined) return []
  if (Array.isArray(value) && value.every((item) => typeof item === 'string')) return value
  throw new InvalidSchemaError(`${place}: needs a list of names, found ${JSON.stringify(value)}`)
}
