// JSON checked by a JSON Schema: `@millrace/serdes/json-schema`. Needs ajv.

export { type JsonSchema, type JsonSchemaSerdeOptions, jsonSchemaSerde } from './json-schema/json-schema-serde.ts'
export type { RegistryOptions } from './registry/registered-schemas.ts'
