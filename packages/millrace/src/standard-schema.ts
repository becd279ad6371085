export { type StandardResult, type StandardSchemaV1, standardSchemaSerde } from '@millrace/serdes/standard-schema'
