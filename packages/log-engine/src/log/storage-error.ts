import { EngineError } from '../engine-error.ts'

/** Turns a system error of a write into the engine's: a full disk passes when space is made, anything else does not. */
export function writeError(path: string, error: unknown): EngineError {
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EngineError(
      'LOG_DISK_FULL',
      `No space is left for ${path}. Nothing was written and nothing is damaged: free some space and try again.`,
      { cause: error },
    )
  }
  return storageError(path, 'writing failed', error)
}

/** A fault of the disk that stops the partition until the engine is opened again. */
export function storageError(path: string, what: string, error: unknown): EngineError {
  const reason = error instanceof Error ? error.message : String(error)
  return new EngineError(
    'KAFKA_STORAGE_ERROR',
    `${path}: ${what} (${reason}). The partition is stopped; what was acknowledged is kept. Check the disk, then open the engine again.`,
    { cause: error },
  )
}
