import type { ErrorName } from '@millrace/kafka-protocol'

/** Codes for what a Kafka client never sees: faults of the data directory itself. */
export type LogDirectoryErrorCode =
  | 'LOG_DIRECTORY_LOCKED'
  | 'LOG_DIRECTORY_FOREIGN'
  | 'LOG_FORMAT_TOO_NEW'
  | 'LOG_METADATA_CORRUPT'
  | 'LOG_DISK_FULL'
  | 'LOG_ENGINE_CLOSED'

/**
 * Everything the log engine refuses. `code` is Kafka's error name (`PRODUCER_FENCED`, `OFFSET_OUT_OF_RANGE`), or a
 * `LOG_…` name for a fault of the data directory. The message is one line: what failed, which one, what is known, and
 * what to do.
 */
export class EngineError extends Error {
  readonly code: ErrorName | LogDirectoryErrorCode

  constructor(code: ErrorName | LogDirectoryErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'EngineError'
    this.code = code
  }
}
