import { avroDifferences } from './avro/avro-compatibility.ts'
import { avroText } from './avro/avro-text.ts'
import type { NamedType } from './avro/avro-type.ts'
import { parseAvro } from './avro/parse-avro.ts'
import { InvalidSchemaError } from './invalid-schema-error.ts'
import { checkJsonSchema, type JsonSchema } from './json-schema/json-schema.ts'
import { jsonSchemaDifferences } from './json-schema/json-schema-compatibility.ts'

/** The languages that this registry knows. */
export const schemaTypes = ['AVRO', 'JSON'] as const

export type SchemaType = (typeof schemaTypes)[number]

/** A text that another schema refers to, by the name it uses. */
export interface ReferencedText {
  readonly name: string
  readonly schema: string
}

/** A schema that was understood. */
export interface ParsedSchema {
  /** The same for all spellings of a schema that differ in spaces only (Avro: also in the order of properties). */
  readonly text: string
  /** Why this schema cannot read all that was written with another one of its language; empty: it can. */
  differences(writer: ParsedSchema): readonly string[]
}

/** Understands a schema; what it refers to comes first, each after what it refers to itself. @throws InvalidSchemaError */
export function parseSchema(type: SchemaType, text: string, referenced: readonly ReferencedText[]): ParsedSchema {
  return type === 'AVRO' ? new ParsedAvro(text, referenced) : new ParsedJsonSchema(text, referenced)
}

class ParsedAvro implements ParsedSchema {
  readonly text: string
  readonly #type: ReturnType<typeof parseAvro>

  constructor(text: string, referenced: readonly ReferencedText[]) {
    const names = new Map<string, NamedType>()
    for (const { schema } of referenced) parseAvro(avroJson(schema), names)
    const schema = avroJson(text)
    this.#type = parseAvro(schema, names)
    this.text = losesDigits(text) ? text : avroText(schema)
  }

  differences(writer: ParsedSchema): readonly string[] {
    return avroDifferences(this.#type, (writer as ParsedAvro).#type)
  }
}

class ParsedJsonSchema implements ParsedSchema {
  readonly text: string
  readonly #schema: JsonSchema
  readonly #references: ReadonlyMap<string, JsonSchema>

  constructor(text: string, referenced: readonly ReferencedText[]) {
    this.#references = new Map(referenced.map(({ name, schema }) => [name, jsonSchemaOf(schema)]))
    this.#schema = jsonSchemaOf(text)
    this.text = losesDigits(text) ? text : JSON.stringify(this.#schema)
  }

  differences(writer: ParsedSchema): readonly string[] {
    return jsonSchemaDifferences(this.#rooted(), (writer as ParsedJsonSchema).#rooted())
  }

  #rooted() {
    return { schema: this.#schema, root: this.#schema, references: this.#references }
  }
}

/** The JSON of an Avro schema; the name of a primitive may stand without quotes. */
function avroJson(text: string): unknown {
  return /^\s*[a-z]+\s*$/.test(text) ? text.trim() : parseJson(text)
}

function jsonSchemaOf(text: string): JsonSchema {
  const schema = parseJson(text)
  checkJsonSchema(schema)
  return schema
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new InvalidSchemaError(cause instanceof Error ? cause.message : String(cause))
  }
}

/** True when numbers in the text may change when it is parsed and written again. */
function losesDigits(text: string): boolean {
  return /\d{16}/.test(text)
}
