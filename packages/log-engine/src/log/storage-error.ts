import { EngineError } from '../engine-error.ts'

/** Runs what reads or writes files, and turns the system's errors into the engine's. `path` is what they concern. */
export function withStorageErrors<T>(path: string, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw asStorageError(path, error)
  }
}

/** A system error as the engine's: a full disk has its own code. What is the engine's already stays. */
export function asStorageError(path: string, error: unknown): EngineError {
  if (error instanceof EngineError) return error
  const code = (error as NodeJS.ErrnoException).code
  if (code === 'ENOSPC' || code === 'EDQUOT') {
    return new EngineError(
      'LOG_DISK_FULL',
      `No space is left for ${path}. Nothing was written and nothing is damaged: free some space and try again.`,
      { cause: error },
    )
  }
  return new EngineError(
    'KAFKA_STORAGE_ERROR',
    `${path} cannot be used (${reason(error)}). Check the disk and try again.`,
    {
      cause: error,
    },
  )
}

/** A fault of the disk that stops a partition until the engine is opened again. */
export function stoppedError(path: string, what: string, error: unknown): EngineError {
  return new EngineError(
    'KAFKA_STORAGE_ERROR',
    `${path}: ${what} (${reason(error)}). The partition is stopped; what was acknowledged is kept. Check the disk, then open the engine again.`,
    { cause: error },
  )
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
