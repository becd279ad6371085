export {
  type JsonSchema,
  type JsonSchemaSerdeOptions,
  jsonSchemaSerde,
  type RegistryOptions,
} from '@millrace/serdes/json-schema'
