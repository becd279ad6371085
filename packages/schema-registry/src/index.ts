export type { CompatibilityLevel } from './compatibility.ts'
export { SchemaRegistryConfigError } from './schema-registry-config-error.ts'
export {
  type SchemaRegistryOptions,
  type SchemaRegistryServer,
  startSchemaRegistry,
} from './schema-registry-server.ts'
