import { errorCodes } from '@millrace/kafka-protocol'
import { errorCodeOf } from './error-mapping.ts'

/** Clients of versions before `newFrom` know a fenced producer by INVALID_PRODUCER_EPOCH only. */
export function fencedCodeOf(error: unknown, version: number, newFrom: number): number {
  const code = errorCodeOf(error)
  return code === errorCodes.PRODUCER_FENCED && version < newFrom ? errorCodes.INVALID_PRODUCER_EPOCH : code
}
