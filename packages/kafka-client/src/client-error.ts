import { type ErrorName, errorName, isRetriableError } from '@millrace/kafka-protocol'

/** Codes for what no broker has said. */
export type ClientErrorCode =
  /** No connection, or it broke: another broker, or a later try, may do. */
  | 'CLIENT_DISCONNECTED'
  /** No answer in time. */
  | 'CLIENT_TIMEOUT'
  /** The broker and this client have no version of the API in common, or the broker lacks it. */
  | 'CLIENT_UNSUPPORTED'
  | 'CLIENT_CLOSED'

/** A request that did not succeed. `code` is the broker's error, or a `CLIENT_…` code. */
export class KafkaClientError extends Error {
  readonly code: ErrorName | ClientErrorCode

  constructor(code: ErrorName | ClientErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'KafkaClientError'
    this.code = code
  }

  /** Whether the same call may succeed later. */
  get isRetriable(): boolean {
    switch (this.code) {
      case 'CLIENT_DISCONNECTED':
      case 'CLIENT_TIMEOUT':
      // It is down: another one takes over what it led and coordinated. Kafka's own list does not have it.
      case 'BROKER_NOT_AVAILABLE':
        return true
      case 'CLIENT_UNSUPPORTED':
      case 'CLIENT_CLOSED':
        return false
      default:
        return isRetriableError(this.code)
    }
  }
}

/** @throws KafkaClientError when the code of an answer is an error; `what` begins the message */
export function throwIfError(errorCode: number, what: string, errorMessage?: string | null): void {
  if (errorCode === 0) return
  const name = errorName(errorCode)
  throw new KafkaClientError(name, `${what}: ${errorMessage ? `${errorMessage} (${name})` : name}`)
}
