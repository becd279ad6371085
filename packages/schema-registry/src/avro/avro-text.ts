import { avroPrimitives } from './avro-type.ts'
import { fullNameOf, namespaceOf } from './parse-avro.ts'

type Json = { readonly [key: string]: unknown }

/** What is written in an order of its own; other properties follow in theirs. */
const written: ReadonlySet<string> = new Set([
  'type',
  'name',
  'namespace',
  'fields',
  'symbols',
  'items',
  'values',
  'size',
])

/**
 * An Avro schema as one text, however it was spelled: no spaces, properties in the order of Avro's Java library, names
 * without a namespace that is around them anyway, `"string"` for `{"type":"string"}`. The schema must be valid.
 */
export function avroText(schema: unknown): string {
  return JSON.stringify(inOrder(schema, ''))
}

function inOrder(schema: unknown, outer: string): unknown {
  if (typeof schema === 'string') return shortened(schema, outer)
  if (Array.isArray(schema)) return schema.map((branch) => inOrder(branch, outer))
  const { type, name, namespace, doc, default: byDefault, aliases, ...definition } = schema as Json
  if (typeof type !== 'string') {
    // {"type": {…}}: the inner schema, with what the outer one adds.
    const inner = inOrder(type, outer)
    const added = propertiesOf(schema as Json)
    return Object.keys(added).length === 0 || typeof inner !== 'object' || Array.isArray(inner)
      ? inner
      : { ...inner, ...added }
  }
  const properties = propertiesOf(definition)
  if (typeof name !== 'string') {
    const items = definition['items'] === undefined ? {} : { items: inOrder(definition['items'], outer) }
    const values = definition['values'] === undefined ? {} : { values: inOrder(definition['values'], outer) }
    const whole = {
      type: shortened(type, outer),
      ...items,
      ...values,
      ...(doc === undefined ? {} : { doc }),
      ...properties,
    }
    return Object.keys(whole).length === 1 && isBare(type) ? whole.type : whole
  }
  const fullName = fullNameOf(name, (namespace as string | undefined) ?? outer)
  const own = namespaceOf(fullName)
  return {
    type,
    name: fullName.slice(own === '' ? 0 : own.length + 1),
    ...(own === outer ? {} : { namespace: own }),
    ...(doc === undefined ? {} : { doc }),
    ...(type === 'record' || type === 'error'
      ? { fields: (definition['fields'] as Json[]).map((field) => fieldInOrder(field, own)) }
      : {}),
    ...(type === 'enum' ? { symbols: definition['symbols'] } : {}),
    ...(type === 'fixed' ? { size: definition['size'] } : {}),
    ...(byDefault === undefined ? {} : { default: byDefault }),
    ...properties,
    ...(aliases === undefined ? {} : { aliases }),
  }
}

function fieldInOrder(field: Json, namespace: string): Json {
  const { name, type, doc, default: byDefault, order, aliases, ...properties } = field
  return {
    name,
    type: inOrder(type, namespace),
    ...(doc === undefined ? {} : { doc }),
    ...('default' in field ? { default: byDefault } : {}),
    ...(order === undefined || order === 'ascending' ? {} : { order }),
    ...(aliases === undefined ? {} : { aliases }),
    ...properties,
  }
}

function propertiesOf(definition: Json): Json {
  return Object.fromEntries(Object.entries(definition).filter(([key]) => !written.has(key)))
}

/** A name as it is written inside a namespace. */
function shortened(name: string, namespace: string): string {
  return namespace !== '' && namespaceOf(name) === namespace ? name.slice(namespace.length + 1) : name
}

/** True for what needs no object around it: primitives and names, but not `array` without its items. */
function isBare(type: string): boolean {
  return (avroPrimitives as readonly string[]).includes(type) || /^[A-Za-z_][\w.]*$/.test(type)
}
