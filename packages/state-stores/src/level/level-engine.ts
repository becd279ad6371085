import { existsSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { type BinaryKey, fromBinaryKey, toBinaryKey } from '../binary-key.ts'
import { ownCopy } from '../keyspace-store.ts'
import type { Keyspace, KeyspaceSource, SnapshottingEngine, StoreCommit } from '../state-engine.ts'
import { StoreClosedError, StoreDirectoryError, StoreError } from '../store-error.ts'
import { markBatch } from './commit-markers.ts'
import { type CommitRecord, encodeCommitRecord, type StoreRecord } from './commit-record.ts'
import type { FetchedRange } from './keys-ahead.ts'
import type { Layer } from './layer.ts'
import { type LevelDatabase, levelError, openLevelDatabase } from './level-database.ts'
import { COMMIT_RECORD_KEY, levelKey, storeBounds } from './level-keys.ts'
import { type LevelHost, LevelKeyspace } from './level-keyspace.ts'
import { linkLevelFiles } from './link-files.ts'
import { loadKeys } from './load-keys.ts'
import { readKeys, readRecord, removeLeftCopies } from './opening.ts'
import { ReadCache } from './read-cache.ts'

/** Settings of a {@link levelEngine}. */
export interface LevelEngineOptions {
  /**
   * Whose directory it is, for example `{ applicationId, taskId }`: kept at the first opening and compared at each later one.
   */
  readonly identity?: Readonly<{ [name: string]: string }>
  /** Bytes of committed values kept in memory, over all stores. Default 32 MiB, of which at least half serves. */
  readonly readCacheBytes?: number
}

/**
 * An engine whose committed data survives the process. Commits wait while a snapshot is taken; on one file system it takes hard
 * links instead of bytes.
 */
export interface LevelEngine extends SnapshottingEngine {
  readonly directory: string
  /** Committed entries of a store with `from <= key <= to` (null: open), for readers outside of the task. */
  entries(
    storeName: string,
    from: Uint8Array | null,
    to: Uint8Array | null,
    reverse?: boolean,
  ): AsyncIterableIterator<[Uint8Array, Uint8Array]>
}

/**
 * Opens a LevelDB as the engine of one task's stores. Reads and uncommitted writes are synchronous; a commit is one batch of
 * data, offsets and stream times, without fsync: what the operating system has lost after a loss of power is restored.
 *
 * @throws StoreLockedError when it is open elsewhere; StoreCorruptError when it cannot be read, or lost a batch in the middle
 *   (the caller deletes it and restores); StoreDirectoryError when it is another's, or not a state directory.
 */
export async function levelEngine(directory: string, options: LevelEngineOptions = {}): Promise<LevelEngine> {
  await mkdir(dirname(directory), { recursive: true })
  const database = await openLevelDatabase(directory)
  await removeLeftCopies(directory)
  try {
    const record = await readRecord(database, directory, options.identity ?? {})
    for (const storeId of record.wipedStoreIds) await database.clear(storeBounds(storeId))
    const keys = new Map<string, BinaryKey[]>()
    for (const [storeName, store] of Object.entries(record.stores)) {
      if (store.isOrdered) keys.set(storeName, await readKeys(database, store.id))
    }
    return new ClassicLevelEngine(directory, database, { ...record, wipedStoreIds: [] }, keys, options)
  } catch (error) {
    await database.close()
    throw error instanceof StoreError ? error : levelError(directory, error)
  }
}

/** Makes `directory`, which must not exist, from a {@link LevelEngine}'s snapshot, again of links where possible. */
export async function restoreLevelSnapshot(snapshot: string, directory: string): Promise<void> {
  await mkdir(dirname(directory), { recursive: true })
  linkLevelFiles(snapshot, directory)
}

/** Between two turns of the event loop. */
const keysAtOnce = 1000

class ClassicLevelEngine implements LevelEngine, LevelHost {
  readonly persistent = true
  readonly directory: string
  readonly #database: LevelDatabase
  readonly #cache: ReadCache
  readonly #keyspaces = new Map<string, LevelKeyspace>()
  /** Keys read at opening, of stores that have not been asked for yet. */
  readonly #loadedKeys: Map<string, BinaryKey[]>
  #dirty: LevelKeyspace[] = []
  /** As of the last commit that was begun. */
  #record: CommitRecord
  #durableCommit: StoreCommit | undefined
  /** Ends when all that was begun has been written. Writes go one after the other. */
  #lastWrite: Promise<void> = Promise.resolve()
  #isOpen = true

  constructor(
    directory: string,
    database: LevelDatabase,
    record: CommitRecord,
    loadedKeys: Map<string, BinaryKey[]>,
    options: LevelEngineOptions,
  ) {
    this.directory = directory
    this.#database = database
    this.#record = record
    this.#durableCommit = record.commit
    this.#loadedKeys = loadedKeys
    this.#cache = new ReadCache(options.readCacheBytes ?? 32 * 1024 * 1024)
  }

  keyspace(storeName: string): Keyspace {
    return this.#open(storeName)
  }

  committed(): KeyspaceSource {
    return { keyspace: (storeName) => this.#open(storeName).committed() }
  }

  commit(commit: StoreCommit): Promise<void> {
    this.#checkOpen('commit')
    const layers: [LevelKeyspace, Layer][] = this.#dirty.map((keyspace) => [keyspace, keyspace.takeOverlay()])
    this.#dirty = []
    const stores: { [storeName: string]: StoreRecord } = { ...this.#record.stores }
    for (const [keyspace] of layers) stores[keyspace.name] = keyspace.record()
    const record = { ...this.#record, sequence: this.#record.sequence + 1, stores, commit }
    this.#record = record
    return this.#enqueue(async () => {
      await this.#write(record, layers)
      for (const [keyspace] of layers) keyspace.layerWritten()
      this.#durableCommit = commit
    })
  }

  discard(): void {
    for (const keyspace of this.#dirty) keyspace.discard()
    this.#dirty = []
  }

  lastCommit(): StoreCommit | undefined {
    return this.#durableCommit
  }

  async wipe(storeName: string): Promise<void> {
    this.#checkOpen('wipe')
    const keyspace = this.#open(storeName)
    const old = keyspace.storeId
    await this.#lastWrite
    const store = newStore(this.#record.nextStoreId)
    this.#dirty = this.#dirty.filter((dirty) => dirty !== keyspace)
    keyspace.reset(store)
    const commit = this.#record.commit && withoutStore(this.#record.commit, storeName)
    this.#record = {
      ...this.#record,
      sequence: this.#record.sequence + 1,
      nextStoreId: store.id + 1,
      stores: { ...this.#record.stores, [storeName]: store },
      wipedStoreIds: [...this.#record.wipedStoreIds, old],
      commit,
    }
    const record = this.#record
    await this.#enqueue(async () => {
      await this.#write(record, [])
      this.#durableCommit = commit
      await this.#database.clear(storeBounds(old))
      this.#record = { ...this.#record, wipedStoreIds: this.#record.wipedStoreIds.filter((id) => id !== old) }
    })
  }

  openIterators(): number {
    let count = 0
    for (const keyspace of this.#keyspaces.values()) count += keyspace.openIterators
    return count
  }

  memoryBytes(): number {
    let bytes = this.#cache.sizeBytes
    for (const keyspace of this.#keyspaces.values()) bytes += keyspace.memoryBytes
    return bytes
  }

  uncommittedBytes(): number {
    let bytes = 0
    for (const keyspace of this.#dirty) bytes += keyspace.uncommittedBytes
    return bytes
  }

  async close(): Promise<void> {
    if (!this.#isOpen) return
    this.#isOpen = false
    // A failed write was reported to whoever began it.
    await this.#lastWrite.catch(() => undefined)
    await this.#database.close()
  }

  async snapshot(target: string): Promise<void> {
    this.#checkOpen('snapshot')
    if (existsSync(target)) {
      throw new StoreDirectoryError(target, 'a snapshot cannot be made where something is already', 'Give a new path')
    }
    await this.#enqueue(async () => {
      await mkdir(dirname(target), { recursive: true })
      linkLevelFiles(this.directory, target)
    })
  }

  async *entries(
    storeName: string,
    from: Uint8Array | null,
    to: Uint8Array | null,
    reverse = false,
  ): AsyncIterableIterator<[Uint8Array, Uint8Array]> {
    this.#checkOpen('entries')
    await this.#lastWrite
    const { storeId } = this.#open(storeName)
    const all = storeBounds(storeId)
    const bounds = {
      gte: from === null ? all.gte : levelKey(storeId, from),
      ...(to === null ? { lt: all.lt } : { lte: levelKey(storeId, to) }),
    }
    for await (const [key, value] of this.#database.iterator({ ...bounds, reverse, fillCache: false })) {
      yield [key.subarray(2), value]
    }
  }

  async readAhead<R>(storeName: string, expected: number, read: () => R): Promise<R> {
    this.#checkOpen('readAhead')
    const keyspace = this.#open(storeName)
    for (;;) {
      const { storeId } = keyspace
      const ahead = keyspace.beginAhead()
      try {
        while (keyspace.storeId === storeId) {
          const result = keyspace.readWith(ahead, read)
          const short = ahead.takeShort()
          if (short === undefined) return result
          await this.#fetch(storeId, short, Math.max(expected, short.keys.length))
          this.#checkOpen('readAhead')
        }
      } finally {
        keyspace.endAhead(ahead)
      }
    }
  }

  /** More keys of a range, at most so many, by LevelDB's own iterator. */
  async #fetch(storeId: number, range: FetchedRange, count: number): Promise<void> {
    const all = storeBounds(storeId)
    const { from, to, reverse } = range
    const last = range.keys.at(-1)
    const begin = from === undefined ? { gte: all.gte } : { gte: levelKey(storeId, fromBinaryKey(from)) }
    const end = to === undefined ? { lt: all.lt } : { lte: levelKey(storeId, fromBinaryKey(to)) }
    const rest = last === undefined ? {} : { [reverse ? 'lt' : 'gt']: levelKey(storeId, fromBinaryKey(last)) }
    const bounds = last === undefined ? { ...begin, ...end } : reverse ? { ...begin, ...rest } : { ...end, ...rest }
    try {
      const keys = this.#database.keys({ ...bounds, reverse, limit: count, fillCache: false })
      let left = count
      for (let some = await keys.nextv(keysAtOnce); some.length > 0; some = await keys.nextv(keysAtOnce)) {
        for (const key of some) range.keys.push(toBinaryKey(key).slice(2))
        left -= some.length
      }
      await keys.close()
      range.isComplete = left > 0
    } catch (cause) {
      this.#checkOpen('readAhead')
      throw levelError(this.directory, cause)
    }
  }

  read(storeId: number, key: Uint8Array): Uint8Array | null {
    this.#checkOpen('get')
    try {
      const value = this.#database.getSync(levelKey(storeId, key))
      // A buffer that native code has made costs several hundred bytes outside of the heap for as long as it is kept.
      return value === undefined ? null : ownCopy(value)
    } catch (cause) {
      throw levelError(this.directory, cause)
    }
  }

  loadKeys(storeId: number): BinaryKey[] {
    this.#checkOpen('range')
    return loadKeys(this.directory, storeBounds(storeId)).map((key) => key.slice(2))
  }

  markDirty(keyspace: LevelKeyspace): void {
    this.#dirty.push(keyspace)
  }

  #open(storeName: string): LevelKeyspace {
    let keyspace = this.#keyspaces.get(storeName)
    if (keyspace !== undefined) return keyspace
    const known = this.#record.stores[storeName]
    const store = known ?? newStore(this.#record.nextStoreId)
    if (known === undefined) {
      const stores = { ...this.#record.stores, [storeName]: store }
      this.#record = { ...this.#record, nextStoreId: store.id + 1, stores }
    }
    const keys = this.#loadedKeys.get(storeName)
    this.#loadedKeys.delete(storeName)
    keyspace = new LevelKeyspace(storeName, store, known === undefined, this, this.#cache.section(), keys)
    this.#keyspaces.set(storeName, keyspace)
    return keyspace
  }

  /** Runs after all writes that were begun before. When one has failed, none follows it. */
  #enqueue(write: () => Promise<void>): Promise<void> {
    const result = this.#lastWrite.then(write)
    this.#lastWrite = result
    // The failure reaches the caller through `result`; here it must not count as unhandled.
    result.catch(() => undefined)
    return result
  }

  async #write(record: CommitRecord, layers: readonly [LevelKeyspace, Layer][]): Promise<void> {
    try {
      const batch = this.#database.batch()
      for (const [{ storeId }, layer] of layers) {
        for (const range of layer.cleared) {
          const all = storeBounds(storeId)
          const gte = range.from === null ? all.gte : levelKey(storeId, range.from)
          const lt = range.to === null ? all.lt : levelKey(storeId, range.to)
          for await (const key of this.#database.keys({ gte, lt, fillCache: false })) batch.del(key)
        }
        for (const [key, value] of layer.entries.entries()) {
          if (value === null) batch.del(levelKey(storeId, key))
          else batch.put(levelKey(storeId, key), value)
        }
      }
      markBatch(batch, record.sequence)
      batch.put(COMMIT_RECORD_KEY, encodeCommitRecord(record))
      await batch.write()
    } catch (cause) {
      throw levelError(this.directory, cause)
    }
  }

  #checkOpen(operation: string): void {
    if (!this.#isOpen) throw new StoreClosedError(this.directory, operation)
  }
}

function newStore(id: number): StoreRecord {
  return { id, streamTime: -1, sequence: 0, numEntries: 0, isOrdered: false }
}

function withoutStore(commit: StoreCommit, storeName: string): StoreCommit {
  const changelogOffsets = new Map(commit.changelogOffsets)
  changelogOffsets.delete(storeName)
  return { ...commit, changelogOffsets }
}
