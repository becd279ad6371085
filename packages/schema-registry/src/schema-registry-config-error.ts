/** The bundled schema registry's settings are not allowed. Who acts: whoever starts it. */
export class SchemaRegistryConfigError extends Error {
  override readonly name = 'SchemaRegistryConfigError'
  readonly code = 'REGISTRY_CONFIG'
}
