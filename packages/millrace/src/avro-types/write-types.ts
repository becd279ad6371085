/** An Avro schema, parsed from JSON. */
export type AvroJson = string | readonly AvroJson[] | { readonly [property: string]: unknown }

/** A schema, and what to call it in messages. */
export interface SchemaFile {
  readonly name: string
  readonly schema: AvroJson
}

const primitives: Readonly<Record<string, string>> = {
  null: 'null',
  boolean: 'boolean',
  int: 'number',
  long: 'number',
  float: 'number',
  double: 'number',
  bytes: 'Buffer',
  string: 'string',
}

/**
 * TypeScript for Avro schemas: an interface for each record, a union of texts for each enum, and each schema itself, for
 * `avroSerde`. A schema may use names that an earlier one defines. Values are as `avsc` shows them by default.
 * @throws Error for a name that is not defined, or is defined twice in different ways
 */
export function writeAvroTypes(files: readonly SchemaFile[]): string {
  const writer = new TypeWriter()
  for (const file of files) writer.add(file)
  return writer.text()
}

class TypeWriter {
  /** By full name: what the type is called, and its declaration. */
  readonly #types = new Map<string, { readonly name: string; readonly json: string; declaration: string }>()
  readonly #names = new Set<string>()
  readonly #constants: string[] = []
  #file = ''

  add({ name, schema }: SchemaFile): void {
    this.#file = name
    const type = this.#typeOf(schema, '')
    const isNamed = /^[A-Z]\w*$/.test(type) && type !== 'Buffer'
    const own = isNamed ? type : this.#nameFor(pascalCase(name.replace(/^.*[\\/]/, '').replace(/\.\w+$/, '')))
    if (!isNamed) this.#constants.push(`export type ${own} = ${type}\n`)
    this.#constants.push(`export const ${own[0]!.toLowerCase()}${own.slice(1)}Schema = ${json(schema)} as const\n`)
  }

  text(): string {
    const declarations = [...this.#types.values()].map(({ declaration }) => declaration)
    return ['// Written by `millrace avro-types`.\n', ...declarations, ...this.#constants].join('\n')
  }

  #typeOf(schema: unknown, namespace: string): string {
    if (typeof schema === 'string')
      return Object.hasOwn(primitives, schema) ? primitives[schema]! : this.#named(schema, namespace)
    if (Array.isArray(schema)) {
      return [...new Set(schema.map((branch) => this.#typeOf(branch, namespace)))].join(' | ')
    }
    const definition = schema as { readonly [property: string]: unknown } | null
    const type = definition?.['type']
    switch (type) {
      case undefined:
        throw new Error(`${this.#file}: ${JSON.stringify(schema)} is no Avro schema: it has no type`)
      case 'record':
      case 'error':
      case 'enum':
      case 'fixed':
        return this.#define(type, definition!, namespace)
      case 'array': {
        const items = this.#typeOf(definition!['items'], namespace)
        return items.includes(' ') ? `(${items})[]` : `${items}[]`
      }
      case 'map':
        return `{ [key: string]: ${this.#typeOf(definition!['values'], namespace)} }`
      default:
        return this.#typeOf(type, namespace)
    }
  }

  #named(name: string, namespace: string): string {
    const found = this.#types.get(fullNameOf(name, namespace)) ?? this.#types.get(name)
    if (found !== undefined) return found.name
    throw new Error(`${this.#file}: the name '${name}' is not defined. Give the file that defines it first`)
  }

  #define(kind: string, definition: { readonly [property: string]: unknown }, outer: string): string {
    const fullName = fullNameOf(String(definition['name']), (definition['namespace'] as string | undefined) ?? outer)
    const text = JSON.stringify(definition)
    const known = this.#types.get(fullName)
    if (known !== undefined) {
      if (known.json === text) return known.name
      throw new Error(`${this.#file}: '${fullName}' is defined twice, in different ways`)
    }
    const name = this.#nameFor(pascalCase(fullName.slice(fullName.lastIndexOf('.') + 1)), pascalCase(fullName))
    const entry = { name, json: text, declaration: '' }
    this.#types.set(fullName, entry)
    const namespace = fullName.slice(0, Math.max(0, fullName.lastIndexOf('.')))
    const doc = comment(definition['doc'], '')
    if (kind === 'enum') {
      const symbols = (definition['symbols'] as readonly string[]).map((symbol) => `'${symbol}'`)
      entry.declaration = `${doc}export type ${name} = ${symbols.join(' | ')}\n`
    } else if (kind === 'fixed') {
      entry.declaration = `${doc}export type ${name} = Buffer\n`
    } else {
      const fields = (definition['fields'] as readonly { name: string; type: unknown; doc?: unknown }[]).map(
        (field) => `${comment(field.doc, '  ')}  ${field.name}: ${this.#typeOf(field.type, namespace)}\n`,
      )
      entry.declaration = `${doc}export interface ${name} {\n${fields.join('')}}\n`
    }
    return name
  }

  /** The first name that is free. */
  #nameFor(...candidates: string[]): string {
    let name = candidates.find((candidate) => !this.#names.has(candidate)) ?? candidates[0]!
    for (let i = 2; this.#names.has(name); i++) name = `${candidates[0]}${i}`
    this.#names.add(name)
    return name
  }
}

function fullNameOf(name: string, namespace: string): string {
  return name.includes('.') || namespace === '' ? name : `${namespace}.${name}`
}

function pascalCase(name: string): string {
  return name
    .split(/[^A-Za-z0-9]+/)
    .filter((part) => part !== '')
    .map((part) => part[0]!.toUpperCase() + part.slice(1))
    .join('')
    .replace(/^(?=\d)/, '_')
}

function comment(doc: unknown, indent: string): string {
  return typeof doc === 'string' ? `${indent}/** ${doc.replaceAll('*/', '* /').replaceAll(/\s+/g, ' ')} */\n` : ''
}

function json(schema: AvroJson): string {
  return JSON.stringify(schema, null, 2)
}
