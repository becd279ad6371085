/** What a {@link SchemaRegistryError} is about. */
export interface SchemaRegistryFailure {
  readonly message: string
  /** HTTP status; undefined when no answer came. */
  readonly status?: number | undefined
  /** Confluent's error code, such as 40403; undefined when the answer had none. */
  readonly errorCode?: number | undefined
  readonly cause?: unknown
}

/** Statuses of a registry that may answer otherwise in a moment. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504])

/**
 * A schema registry refused a request, or could not be asked. Who acts: the caller of the client; behind a serde the
 * exception handlers where {@link isAnswer} holds, and else the runtime, which tries again until `task.timeout.ms`.
 */
export class SchemaRegistryError extends Error {
  override readonly name = 'SchemaRegistryError'
  readonly code = 'SERDE_SCHEMA_REGISTRY'
  readonly status: number | undefined
  readonly errorCode: number | undefined

  constructor({ message, status, errorCode, cause }: SchemaRegistryFailure) {
    super(message, { cause })
    this.status = status
    this.errorCode = errorCode
  }

  /** True when the same request may succeed later: no answer came, or the registry said that it cannot serve now. */
  get isRetriable(): boolean {
    return this.status === undefined || passing.has(this.status)
  }

  /**
   * True when the registry has answered the question: there is no such schema, it is not compatible, or it is none. False
   * when it was not reached or did not let us in, which says nothing about any record.
   */
  get isAnswer(): boolean {
    const { errorCode = 0 } = this
    return errorCode === 409 || Math.floor(errorCode / 100) === 404 || Math.floor(errorCode / 100) === 422
  }
}
