import { readdir, rm } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import type { BinaryKey } from '../binary-key.ts'
import { StoreDirectoryError } from '../store-error.ts'
import { checkMarkers, markBatch } from './commit-markers.ts'
import { type CommitRecord, decodeCommitRecord, encodeCommitRecord, FORMAT_VERSION } from './commit-record.ts'
import { type LevelDatabase, levelError } from './level-database.ts'
import { COMMIT_RECORD_KEY, storeBounds, unprefixed } from './level-keys.ts'
import { KEYS_COPY_SUFFIX } from './load-keys.ts'

/** All keys of a store. */
export async function readKeys(database: LevelDatabase, storeId: number): Promise<BinaryKey[]> {
  const keys: BinaryKey[] = []
  const walk = database.keys({ ...storeBounds(storeId), highWaterMarkBytes: 1 << 20, fillCache: false })
  for (let some = await walk.nextv(20_000); some.length > 0; some = await walk.nextv(20_000)) {
    for (const key of some) keys.push(unprefixed(key))
  }
  await walk.close()
  return keys
}

/**
 * The directory's commit record; written if the directory is new.
 * @throws StoreDirectoryError when the directory is another's; StoreCorruptError when the record or a batch is missing.
 */
export async function readRecord(
  database: LevelDatabase,
  directory: string,
  identity: Readonly<{ [name: string]: string }>,
): Promise<CommitRecord> {
  let bytes: Uint8Array | undefined
  try {
    bytes = database.getSync(COMMIT_RECORD_KEY)
  } catch (cause) {
    throw levelError(directory, cause)
  }
  if (bytes === undefined) {
    for await (const _key of database.keys({ limit: 1 })) {
      throw new StoreDirectoryError(directory, 'it is a LevelDB of another program', 'Choose another state.dir')
    }
    const record: CommitRecord = {
      formatVersion: FORMAT_VERSION,
      identity,
      sequence: 1,
      nextStoreId: 1,
      stores: {},
      wipedStoreIds: [],
      commit: undefined,
    }
    const batch = database.batch()
    markBatch(batch, record.sequence)
    batch.put(COMMIT_RECORD_KEY, encodeCommitRecord(record))
    await batch.write()
    return record
  }
  const record = decodeCommitRecord(directory, bytes)
  if (record.formatVersion !== FORMAT_VERSION) {
    throw new StoreDirectoryError(
      directory,
      `it has format ${record.formatVersion}, this version reads ${FORMAT_VERSION}`,
      'Delete it (its stores are rebuilt from their changelogs), or run the version that wrote it',
    )
  }
  for (const [name, value] of Object.entries(identity)) {
    const found = record.identity[name]
    if (found === value) continue
    throw new StoreDirectoryError(
      directory,
      `its ${name} is '${found}', not '${value}'`,
      'Give this application its own state.dir, or delete the directory if it is no longer needed',
    )
  }
  await checkMarkers(database, directory, record.sequence)
  return record
}

/** Removes the copies that a dead process made to read keys. */
export async function removeLeftCopies(directory: string): Promise<void> {
  const parent = dirname(directory)
  for (const name of await readdir(parent)) {
    if (name.startsWith(`${basename(directory)}${KEYS_COPY_SUFFIX}`)) await rm(join(parent, name), { recursive: true })
  }
}
