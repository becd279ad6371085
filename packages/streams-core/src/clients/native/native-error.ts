import { KafkaClientError } from '@millrace/kafka-client'
import { ClientError, type ClientErrorKind } from '../client-error.ts'
import { errorKinds } from '../error-kinds.ts'

/** A fault of the cluster as the runtime understands it; other errors as they are. */
export function toClientError(error: unknown, isOutcomeUnknown = false): unknown {
  if (!(error instanceof KafkaClientError)) return error
  return new ClientError(error.code, kindOf(error), error.message, { cause: error, isOutcomeUnknown })
}

/** Runs a call on the cluster, translating its errors. */
export async function translating<T>(call: () => Promise<T>): Promise<T> {
  try {
    return await call()
  } catch (error) {
    throw toClientError(error)
  }
}

/** Whether the same request may succeed a moment later, at the same broker or at another one. */
export function mayPass(error: unknown): error is KafkaClientError {
  return error instanceof KafkaClientError && error.isRetriable
}

/** Whether a request may have been carried out although it failed. */
export function mayHaveHappened(error: unknown): boolean {
  return (
    error instanceof KafkaClientError &&
    (error.code === 'CLIENT_DISCONNECTED' ||
      error.code === 'CLIENT_TIMEOUT' ||
      error.code === 'REQUEST_TIMED_OUT' ||
      error.code === 'CLIENT_CLOSED')
  )
}

function kindOf(error: KafkaClientError): ClientErrorKind {
  return errorKinds[error.code] ?? (error.isRetriable ? 'retriable' : 'fatal')
}
