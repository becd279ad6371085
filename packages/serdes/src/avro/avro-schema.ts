/** An Avro schema as JSON. */
export type AvroSchema = string | AvroDefinition | readonly AvroSchema[]

/** A schema with its parts: a record, an enum, an array, … */
export interface AvroDefinition {
  readonly type: AvroSchema
  readonly [property: string]: unknown
}

/** The types of values, by the names of the schemas that need no definition. */
interface Primitives {
  null: null
  boolean: boolean
  int: number
  long: number
  float: number
  double: number
  bytes: Buffer
  string: string
}

/**
 * The type of the values of a schema that TypeScript can see, because it was written `as const` or inside the call:
 *
 *   `AvroValue<{ type: 'record', name: 'Trip', fields: [{ name: 'km', type: 'int' }] }>` is `{ km: number }`
 *
 * A name that is defined elsewhere in the schema is `unknown` here; `millrace avro-types` writes types for those too.
 */
export type AvroValue<S> = [string] extends [S] ? unknown : KnownValue<S>

type KnownValue<S> = S extends keyof Primitives
  ? Primitives[S]
  : S extends readonly (infer Branch)[]
    ? AvroValue<Branch>
    : S extends { readonly type: 'record' | 'error'; readonly fields: infer Fields extends readonly AvroField[] }
      ? { -readonly [Field in Fields[number] as Field['name']]: AvroValue<Field['type']> }
      : S extends { readonly type: 'enum'; readonly symbols: readonly (infer Symbol)[] }
        ? Symbol
        : S extends { readonly type: 'array'; readonly items: infer Items }
          ? AvroValue<Items>[]
          : S extends { readonly type: 'map'; readonly values: infer Values }
            ? { [key: string]: AvroValue<Values> }
            : S extends { readonly type: 'fixed' }
              ? Buffer
              : S extends { readonly type: infer Inner }
                ? string extends Inner
                  ? unknown
                  : AvroValue<Inner>
                : unknown

interface AvroField {
  readonly name: string
  readonly type: unknown
}
