/** The primitive types of Avro. */
export const avroPrimitives = ['null', 'boolean', 'int', 'long', 'float', 'double', 'bytes', 'string'] as const

/** The name of a primitive type. */
export type AvroPrimitive = (typeof avroPrimitives)[number]

/** An Avro schema with its names resolved: a graph, because records may contain themselves. */
export type AvroType =
  | { readonly kind: AvroPrimitive }
  | { readonly kind: 'array'; readonly items: AvroType }
  | { readonly kind: 'map'; readonly values: AvroType }
  | { readonly kind: 'union'; readonly branches: readonly AvroType[] }
  | AvroRecord
  | AvroEnum
  | AvroFixed

interface Named {
  /** With the namespace. */
  readonly fullName: string
  /** Full names by which it may be known to writers. */
  readonly aliases: readonly string[]
}

export interface AvroRecord extends Named {
  readonly kind: 'record'
  readonly fields: readonly AvroField[]
}

export interface AvroEnum extends Named {
  readonly kind: 'enum'
  readonly symbols: readonly string[]
  /** What unknown symbols are read as. */
  readonly default: string | undefined
}

export interface AvroFixed extends Named {
  readonly kind: 'fixed'
  readonly size: number
}

export interface AvroField {
  readonly name: string
  readonly aliases: readonly string[]
  readonly type: AvroType
  readonly hasDefault: boolean
}

/** A definition under a name. */
export type NamedType = AvroRecord | AvroEnum | AvroFixed

/** The name without its namespace. */
export function simpleName(fullName: string): string {
  return fullName.slice(fullName.lastIndexOf('.') + 1)
}
