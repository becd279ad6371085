import type { ErrorName } from './error-codes.ts'

/** Bytes that are not what Kafka's format says, or a value that the format cannot hold. `code` is Kafka's error name. */
export class ProtocolError extends Error {
  readonly code: ErrorName

  constructor(code: ErrorName, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'ProtocolError'
    this.code = code
  }
}
