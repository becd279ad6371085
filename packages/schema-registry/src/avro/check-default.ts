import { InvalidSchemaError } from '../invalid-schema-error.ts'
import type { AvroType } from './avro-type.ts'

/** Checks that a default is a value of its field's type; of a union, of its first branch, or (as newer Avro allows) of any. @throws InvalidSchemaError */
export function checkDefault(type: AvroType, value: unknown, place: string): void {
  if (!isDefault(type, value)) {
    throw new InvalidSchemaError(`${place}: invalid default ${JSON.stringify(value)}, not a ${type.kind}`)
  }
}

function isDefault(type: AvroType, value: unknown): boolean {
  switch (type.kind) {
    case 'null':
      return value === null
    case 'boolean':
      return typeof value === 'boolean'
    case 'int':
      return typeof value === 'number' && (value | 0) === value
    case 'long':
      return typeof value === 'number' && Number.isInteger(value)
    case 'float':
    case 'double':
      return typeof value === 'number'
    case 'bytes':
    case 'string':
    case 'fixed':
      return typeof value === 'string'
    case 'enum':
      return type.symbols.includes(value as string)
    case 'array':
      return Array.isArray(value) && value.every((item) => isDefault(type.items, item))
    case 'map':
      return isObject(value) && Object.values(value).every((item) => isDefault(type.values, item))
    case 'union':
      return type.branches.some((branch) => isDefault(branch, value))
    case 'record':
      return (
        isObject(value) &&
        type.fields.every(({ name, hasDefault, type: field }) =>
          Object.hasOwn(value, name) ? isDefault(field, value[name]) : hasDefault,
        )
      )
  }
}

function isObject(value: unknown): value is { readonly [key: string]: unknown } {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
