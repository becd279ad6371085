/** The languages of schemas that a registry keeps. */
export type SchemaType = 'AVRO' | 'JSON' | 'PROTOBUF'

/** A schema that another one uses, by the name under which it does so. */
export interface SchemaReference {
  readonly name: string
  readonly subject: string
  readonly version: number
}

/** A schema as it is registered. */
export interface Schema {
  readonly schemaType: SchemaType
  /** The schema's text. */
  readonly schema: string
  readonly references: readonly SchemaReference[]
}

/** A schema under its subject. */
export interface SubjectVersion extends Schema {
  readonly subject: string
  /** From 1. */
  readonly version: number
  /** The number by which records name the schema; the same in all subjects. */
  readonly id: number
}

/**
 * Where schemas are kept: what serdes need of it.
 * @see io.confluent.kafka.schemaregistry.client.SchemaRegistryClient
 */
export interface SchemaRegistry {
  /** Where it is, for messages. */
  readonly name: string
  /** @throws SchemaRegistryError */
  schemaById(id: number): Promise<Schema>
  /** Registers a schema unless the subject has it already; gives its id. @throws SchemaRegistryError */
  register(subject: string, schema: Schema): Promise<number>
  /** Finds a schema in a subject. @throws SchemaRegistryError when it is not there */
  lookUp(subject: string, schema: Schema): Promise<SubjectVersion>
  /** @throws SchemaRegistryError */
  version(subject: string, version: number | 'latest'): Promise<SubjectVersion>
  /** The numbers of a subject's versions, in ascending order. @throws SchemaRegistryError */
  versions(subject: string): Promise<readonly number[]>
  /** The same answers at once, where there is nothing to wait for: a registry in memory. */
  readonly atOnce?: SynchronousSchemaRegistry
}

/** The part of {@link SchemaRegistry} that serdes call while a record waits, without promises. */
export interface SynchronousSchemaRegistry {
  schemaById(id: number): Schema
  register(subject: string, schema: Schema): number
  lookUp(subject: string, schema: Schema): SubjectVersion
  version(subject: string, version: number | 'latest'): SubjectVersion
}
