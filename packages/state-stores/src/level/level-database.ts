import { readdir } from 'node:fs/promises'
import { ClassicLevel } from 'classic-level'
import { StoreCorruptError, StoreDirectoryError, type StoreError, StoreLockedError } from '../store-error.ts'

/** LevelDB with bytes as keys and values. */
export type LevelDatabase = ClassicLevel<Uint8Array, Uint8Array>

const LEVEL_FILE = /^(CURRENT|LOCK|LOG|LOG\.old|MANIFEST-\d+|\d+\.(ldb|sst|log|dbtmp))$/

/**
 * Opens the LevelDB of a directory, which is made if it is not there.
 * @throws StoreLockedError, StoreCorruptError; StoreDirectoryError when the directory holds something else, or cannot be used.
 */
export async function openLevelDatabase(directory: string): Promise<LevelDatabase> {
  const foreign = (await filesOf(directory)).find((file) => !LEVEL_FILE.test(file))
  if (foreign !== undefined) {
    throw new StoreDirectoryError(
      directory,
      `it holds '${foreign}', which is no file of a state store`,
      'Choose another state.dir, or move the file away',
    )
  }
  const database: LevelDatabase = new ClassicLevel(directory, { keyEncoding: 'view', valueEncoding: 'view' })
  try {
    await database.open()
  } catch (cause) {
    throw levelError(directory, cause)
  }
  return database
}

/** The error of this package for one of LevelDB's. */
export function levelError(directory: string, cause: unknown): StoreError {
  let inner: unknown = cause
  while (inner instanceof Error && codeOf(inner) === 'LEVEL_DATABASE_NOT_OPEN' && inner.cause !== undefined)
    inner = inner.cause
  const code = codeOf(inner)
  const message = inner instanceof Error ? inner.message : String(inner)
  if (code === 'LEVEL_LOCKED') return new StoreLockedError(directory, cause)
  // A file that the manifest names is gone.
  const isFileMissing = code === 'LEVEL_IO_ERROR' && /no such file/i.test(message)
  if (code === 'LEVEL_CORRUPTION' || isFileMissing) return new StoreCorruptError(directory, message, cause)
  return new StoreDirectoryError(
    directory,
    `it cannot be read or written (${message})`,
    'Check its permissions and the free space of its disk',
    cause,
  )
}

async function filesOf(directory: string): Promise<string[]> {
  try {
    return await readdir(directory)
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return []
    throw levelError(directory, error)
  }
}

function codeOf(error: unknown): unknown {
  return error instanceof Error && 'code' in error ? error.code : undefined
}
