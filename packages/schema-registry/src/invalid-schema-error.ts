/** A text is no schema of its language. Who acts: whoever sent it; the registry answers with 42201. */
export class InvalidSchemaError extends Error {
  override readonly name = 'InvalidSchemaError'
  readonly code = 'REGISTRY_INVALID_SCHEMA'
}
