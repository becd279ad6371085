// The client of a schema registry, and what serdes need of one: `@millrace/serdes/schema-registry`.

export { memorySchemaRegistry } from './registry/memory-schema-registry.ts'
export type {
  Schema,
  SchemaReference,
  SchemaRegistry,
  SchemaType,
  SubjectVersion,
  SynchronousSchemaRegistry,
} from './registry/schema-registry.ts'
export {
  type CompatibilityAnswer,
  type CompatibilityLevel,
  type SchemaRegistryAuthentication,
  SchemaRegistryClient,
  type SchemaRegistryClientOptions,
} from './registry/schema-registry-client.ts'
export { SchemaRegistryError } from './registry/schema-registry-error.ts'
export {
  recordNameStrategy,
  type SubjectNameStrategy,
  topicNameStrategy,
  topicRecordNameStrategy,
} from './registry/subject-name-strategy.ts'
