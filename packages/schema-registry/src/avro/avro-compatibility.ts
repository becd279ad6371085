import type { AvroEnum, AvroField, AvroFixed, AvroRecord, AvroType } from './avro-type.ts'
import { simpleName } from './avro-type.ts'

/** What may be read as what, besides itself. */
const promotions: Readonly<Record<string, readonly string[]>> = {
  int: ['long', 'float', 'double'],
  long: ['float', 'double'],
  float: ['double'],
  string: ['bytes'],
  bytes: ['string'],
}

/**
 * Why data written with one schema cannot all be read with another; empty: it can.
 * @see org.apache.avro.SchemaCompatibility
 */
export function avroDifferences(reader: AvroType, writer: AvroType): readonly string[] {
  return new Comparison().differences(reader, writer, '')
}

class Comparison {
  /** What was found for pairs of records. A pair that is being compared counts as fitting: a record may contain itself. */
  readonly #found = new Map<AvroType, Map<AvroType, readonly string[]>>()

  differences(reader: AvroType, writer: AvroType, path: string): readonly string[] {
    if (writer.kind === 'union') {
      return writer.branches.flatMap((branch) => this.differences(reader, branch, path))
    }
    if (reader.kind === 'union') return this.#intoUnion(reader.branches, writer, path)
    if (reader.kind === 'record' && writer.kind === 'record') {
      const writers = this.#found.get(reader) ?? new Map<AvroType, readonly string[]>()
      this.#found.set(reader, writers)
      const known = writers.get(writer)
      if (known !== undefined) return known
      writers.set(writer, [])
      const found = this.#ofRecords(reader, writer, path)
      writers.set(writer, found)
      return found
    }
    if (reader.kind === 'array' && writer.kind === 'array') {
      return this.differences(reader.items, writer.items, `${path}/items`)
    }
    if (reader.kind === 'map' && writer.kind === 'map') {
      return this.differences(reader.values, writer.values, `${path}/values`)
    }
    if (reader.kind === 'enum' && writer.kind === 'enum') return ofEnums(reader, writer, path)
    if (reader.kind === 'fixed' && writer.kind === 'fixed') return ofFixed(reader, writer, path)
    if (reader.kind === writer.kind || promotions[writer.kind]?.includes(reader.kind)) return []
    return [at(path, `${writer.kind} cannot be read as ${reader.kind}`, 'TYPE_MISMATCH')]
  }

  #intoUnion(branches: readonly AvroType[], writer: AvroType, path: string): readonly string[] {
    if (branches.some((branch) => this.differences(branch, writer, path).length === 0)) return []
    return [at(path, `${nameOf(writer)} is not in the union that reads it`, 'MISSING_UNION_BRANCH')]
  }

  #ofRecords(reader: AvroRecord, writer: AvroRecord, path: string): readonly string[] {
    const found = ofNames(reader, writer, path)
    reader.fields.forEach((field, i) => {
      const fieldPath = `${path}/fields/${i}`
      const written = writerField(field, writer)
      if (written !== undefined) found.push(...this.differences(field.type, written.type, `${fieldPath}/type`))
      else if (!field.hasDefault) {
        const text = `field '${field.name}' has no default and is missing in what was written`
        found.push(at(fieldPath, text, 'READER_FIELD_MISSING_DEFAULT_VALUE'))
      }
    })
    return found
  }
}

function writerField(field: AvroField, writer: AvroRecord): AvroField | undefined {
  return writer.fields.find(({ name }) => name === field.name || field.aliases.includes(name))
}

function ofEnums(reader: AvroEnum, writer: AvroEnum, path: string): readonly string[] {
  const found = ofNames(reader, writer, path)
  const missing = writer.symbols.filter((symbol) => !reader.symbols.includes(symbol))
  if (missing.length > 0 && reader.default === undefined) {
    found.push(at(`${path}/symbols`, `the enum that reads lacks ${missing.join(', ')}`, 'MISSING_ENUM_SYMBOLS'))
  }
  return found
}

function ofFixed(reader: AvroFixed, writer: AvroFixed, path: string): readonly string[] {
  const found = ofNames(reader, writer, path)
  if (reader.size !== writer.size) {
    found.push(at(`${path}/size`, `${writer.size} bytes cannot be read as ${reader.size}`, 'FIXED_SIZE_MISMATCH'))
  }
  return found
}

/** Names agree without their namespaces, or by an alias of what reads. */
function ofNames(reader: AvroRecord | AvroEnum | AvroFixed, writer: typeof reader, path: string): string[] {
  if (simpleName(reader.fullName) === simpleName(writer.fullName) || reader.aliases.includes(writer.fullName)) return []
  return [at(`${path}/name`, `${writer.fullName} is not ${reader.fullName}`, 'NAME_MISMATCH')]
}

function nameOf(type: AvroType): string {
  return 'fullName' in type ? type.fullName : type.kind
}

function at(path: string, text: string, type: string): string {
  return `${type} at '${path === '' ? '/' : path}': ${text}`
}
