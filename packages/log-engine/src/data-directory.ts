import { randomBytes } from 'node:crypto'
import { dirname } from 'node:path'
import { formatVersion, upgradeSteps } from './data-directory-upgrades.ts'
import { EngineError } from './engine-error.ts'
import type { FileSystem } from './file-system.ts'

const markerName = 'millrace-log.json'

/** What stands in the marker file of a data directory. */
export interface DataDirectory {
  readonly path: string
  /** 22 characters of URL-safe base64, made with the directory. */
  readonly clusterId: string
  /** Gives the directory free. */
  readonly release: () => void
}

/**
 * Takes a data directory, making it when it is missing or empty. Ours are known by `millrace-log.json`, which holds the
 * version of the format. One of an older format is upgraded.
 * @throws EngineError LOG_DIRECTORY_FOREIGN, LOG_DIRECTORY_LOCKED, LOG_FORMAT_TOO_NEW, KAFKA_STORAGE_ERROR
 */
export async function openDataDirectory(fileSystem: FileSystem, path: string): Promise<DataDirectory> {
  try {
    await makeDirectory(fileSystem, path)
    const foreign = fileSystem.list(path).filter((name) => !name.startsWith('.lock') && !name.startsWith(markerName))
    if (foreign.length > 0 && !fileSystem.exists(`${path}/${markerName}`)) {
      throw new EngineError(
        'LOG_DIRECTORY_FOREIGN',
        `The directory ${path} is not a data directory of Millrace: it holds '${foreign[0]}' but no ${markerName}. Choose an empty directory.`,
      )
    }
    const release = fileSystem.lock(path)
    try {
      return { path, clusterId: await readOrCreateMarker(fileSystem, path), release }
    } catch (error) {
      release()
      throw error
    }
  } catch (error) {
    if (error instanceof EngineError) throw error
    const reason = error instanceof Error ? error.message : String(error)
    throw new EngineError(
      'KAFKA_STORAGE_ERROR',
      `The data directory ${path} cannot be opened (${reason}). Check that it is a directory which this user may write to.`,
      { cause: error },
    )
  }
}

/** Makes the directory with those above it that are missing, and their names durable. */
async function makeDirectory(fileSystem: FileSystem, path: string): Promise<void> {
  const changed: string[] = []
  for (let missing = path; !fileSystem.exists(missing) && dirname(missing) !== missing; missing = dirname(missing))
    changed.push(dirname(missing))
  if (changed.length === 0) return
  fileSystem.makeDirectory(path)
  for (const directory of changed) await fileSystem.syncDirectory(directory)
}

async function readOrCreateMarker(fileSystem: FileSystem, path: string): Promise<string> {
  const file = `${path}/${markerName}`
  if (!fileSystem.exists(file)) {
    const clusterId = randomBytes(16).toString('base64url')
    await writeMarker(fileSystem, path, clusterId)
    return clusterId
  }
  const { version, clusterId } = parseMarker(file, fileSystem.readFile(file))
  if (version > formatVersion) {
    throw new EngineError(
      'LOG_FORMAT_TOO_NEW',
      `The data directory ${path} has format ${version}, but this version of Millrace reads up to ${formatVersion}. Install a newer version.`,
    )
  }
  const steps = upgradeSteps.filter(({ from }) => from >= version)
  for (const { run } of steps) await run(fileSystem, path)
  if (steps.length > 0) await writeMarker(fileSystem, path, clusterId)
  return clusterId
}

function parseMarker(file: string, bytes: Uint8Array): { readonly version: number; readonly clusterId: string } {
  try {
    const marker: unknown = JSON.parse(Buffer.from(bytes).toString())
    const { formatVersion: version, clusterId } = marker as { formatVersion: unknown; clusterId: unknown }
    if (Number.isSafeInteger(version) && (version as number) > 0 && typeof clusterId === 'string')
      return { version: version as number, clusterId }
  } catch {
    // Reported below, as any other content that is not a marker.
  }
  throw new EngineError(
    'LOG_METADATA_CORRUPT',
    `${file} does not name the format of the data directory. Nothing was changed. Restore the file, or choose another directory.`,
  )
}

/** Puts the marker in its place at once and whole. Its name becomes durable with the first sync of the directory, before the engine is open. */
async function writeMarker(fileSystem: FileSystem, path: string, clusterId: string): Promise<void> {
  const file = `${path}/${markerName}`
  const marker = fileSystem.open(`${file}.tmp`)
  marker.truncate(0)
  marker.write(Buffer.from(`${JSON.stringify({ formatVersion, clusterId })}\n`), 0)
  await marker.sync()
  marker.close()
  fileSystem.rename(`${file}.tmp`, file)
}
