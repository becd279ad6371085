import { EngineError } from '@millrace/log-engine'
import { ClientError } from '../client-error.ts'
import { errorKinds } from '../error-kinds.ts'

/** An error of the engine as the runtime understands it; other errors as they are. */
export function toClientError(error: unknown, isOutcomeUnknown = false): unknown {
  if (!(error instanceof EngineError)) return error
  return new ClientError(error.code, errorKinds[error.code] ?? 'fatal', error.message, {
    cause: error,
    isOutcomeUnknown,
  })
}

/** Runs a call on the engine, translating its errors. */
export function translating<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toClientError(error)
  }
}
