/**
 * What the runtime does about a fault:
 *
 * | kind | meaning | the runtime |
 * |---|---|---|
 * | `retriable` | not now | tries again until `task.timeout.ms` |
 * | `fenced` | another producer or member has taken over | closes its tasks dirty and joins anew |
 * | `abortable` | this transaction cannot commit | aborts, restores, goes on |
 * | `fatal` | nothing will help | stops |
 */
export type ClientErrorKind = 'retriable' | 'fenced' | 'abortable' | 'fatal'

/** Every fault that a client adapter reports. `code` is Kafka's error name, or the adapter's own. */
export class ClientError extends Error {
  readonly code: string
  readonly kind: ClientErrorKind
  /** A commit that may have happened. */
  readonly isOutcomeUnknown: boolean

  constructor(
    code: string,
    kind: ClientErrorKind,
    message: string,
    options: { readonly cause?: unknown; readonly isOutcomeUnknown?: boolean } = {},
  ) {
    super(message, 'cause' in options ? { cause: options.cause } : undefined)
    this.name = 'ClientError'
    this.code = code
    this.kind = kind
    this.isOutcomeUnknown = options.isOutcomeUnknown ?? false
  }

  get retriable(): boolean {
    return this.kind === 'retriable'
  }
}
