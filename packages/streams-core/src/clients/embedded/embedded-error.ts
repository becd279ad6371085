import { EngineError } from '@millrace/log-engine'
import { ClientError, type ClientErrorKind } from '../client-error.ts'

const kinds: { readonly [code: string]: ClientErrorKind } = {
  PRODUCER_FENCED: 'fenced',
  INVALID_PRODUCER_EPOCH: 'fenced',
  INVALID_PRODUCER_ID_MAPPING: 'fenced',
  UNKNOWN_PRODUCER_ID: 'fenced',
  OUT_OF_ORDER_SEQUENCE_NUMBER: 'fenced',
  ILLEGAL_GENERATION: 'fenced',
  UNKNOWN_MEMBER_ID: 'fenced',
  FENCED_INSTANCE_ID: 'fenced',
  INVALID_TXN_STATE: 'abortable',
  TRANSACTION_ABORTABLE: 'abortable',
  CONCURRENT_TRANSACTIONS: 'retriable',
  UNSTABLE_OFFSET_COMMIT: 'retriable',
  REBALANCE_IN_PROGRESS: 'retriable',
  COORDINATOR_LOAD_IN_PROGRESS: 'retriable',
}

/** An error of the engine as the runtime understands it; other errors as they are. */
export function toClientError(error: unknown, isOutcomeUnknown = false): unknown {
  if (!(error instanceof EngineError)) return error
  return new ClientError(error.code, kinds[error.code] ?? 'fatal', error.message, { cause: error, isOutcomeUnknown })
}

/** Runs a call on the engine, translating its errors. */
export function translating<T>(call: () => T): T {
  try {
    return call()
  } catch (error) {
    throw toClientError(error)
  }
}
