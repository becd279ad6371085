import { type ErrorName, errorCodes, ProtocolError } from '@millrace/kafka-protocol'
import { EngineError } from '@millrace/log-engine'
import { RequestError } from './broker-error.ts'

/** The Kafka error that tells a client of `error`; undefined when it is a fault of ours. */
export function knownErrorName(error: unknown): ErrorName | undefined {
  if (error instanceof RequestError || error instanceof ProtocolError) return error.code
  if (!(error instanceof EngineError)) return undefined
  switch (error.code) {
    case 'LOG_DISK_FULL':
    case 'LOG_METADATA_CORRUPT':
      return 'KAFKA_STORAGE_ERROR'
    case 'LOG_ENGINE_CLOSED':
      return 'NOT_LEADER_OR_FOLLOWER'
    case 'LOG_DIRECTORY_LOCKED':
    case 'LOG_DIRECTORY_FOREIGN':
    case 'LOG_FORMAT_TOO_NEW':
      return 'UNKNOWN_SERVER_ERROR'
    default:
      return error.code
  }
}

/** Kafka's code for an error that a call of the engine has thrown. @throws what is not an answer to a client */
export function errorCodeOf(error: unknown): number {
  const name = knownErrorName(error)
  if (name === undefined) throw error
  return errorCodes[name]
}

/** The text that goes with the code, where the answer has a place for it. */
export function errorMessageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
