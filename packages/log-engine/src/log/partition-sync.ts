import type { FileSystem } from '../file-system.ts'
import type { LogPosition } from './log-loader.ts'
import { type LogSegment, segmentFileName } from './log-segment.ts'
import type { PartitionCheckpoint, SavedPosition } from './partition-checkpoint.ts'
import type { PartitionLog, PartitionParts } from './partition-log.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import { asStorageError, stoppedError } from './storage-error.ts'

/** How a partition becomes durable: group-committed fdatasync, and the checkpoint that says how far it went. */
export class PartitionSync {
  readonly #log: PartitionLog
  readonly #fileSystem: FileSystem
  readonly #checkpoint: PartitionCheckpoint
  /** With bytes that may not be durable. */
  readonly #dirtySegments = new Set<LogSegment>()
  /** No longer part of the log; their files go once it is durable that they are not needed. */
  #discarded: LogSegment[] = []
  #isFolderDirty: boolean
  /** The checkpoint file says something that the next sync has to make durable. */
  #isCheckpointDirty = false
  /**
   * The next sync takes the checkpoint with it: a producer snapshot was taken, from which on recovery shall read; or a process that
   * died has left a checkpoint that may not be durable.
   */
  #isCheckpointDue: boolean
  /** Without that a partition that could not be loaded whole has nothing to lose. */
  #hasAppended = false
  #isClean: boolean
  /** Its folder may be gone. */
  #isAbandoned = false
  #durable: LogPosition
  #written: SavedPosition
  /** Up to where indexes were written, and up to where they are durable. */
  #flushed: SavedPosition
  #indexed: SavedPosition
  /** After so much a producer snapshot is taken and the checkpoint written, which bounds what recovery has to read. */
  readonly #checkpointBytes: number
  #bytesSinceCheckpoint = 0
  #running: Promise<void> | undefined
  #queued: Promise<void> | undefined

  constructor(log: PartitionLog, parts: PartitionParts) {
    this.#log = log
    this.#fileSystem = parts.fileSystem
    this.#checkpoint = parts.checkpoint
    this.#checkpointBytes = parts.checkpointBytes
    this.#isClean = parts.isClean
    // Names that a crashed process has made may not be durable yet.
    this.#isFolderDirty = !parts.isClean
    this.#isCheckpointDue = !parts.isClean
    this.#durable = parts.durable
    this.#written = saved(parts.durable)
    this.#flushed = { offset: 0, segment: parts.segments.at(-1)!.baseOffset, position: 0 }
    this.#indexed = this.#flushed
    if (!parts.isClean) {
      const from = parts.segments.indexOf(parts.durable.segment)
      for (const segment of parts.segments.slice(from)) this.#dirtySegments.add(segment)
    }
  }

  /** The first append after a clean close says so on disk, so that a crash is known for one. */
  beforeAppend(): void {
    this.#hasAppended = true
    if (this.#isClean) this.writeCheckpoint()
  }

  afterAppend(bytes: number): void {
    this.#dirtySegments.add(this.#log.activeSegment)
    this.#bytesSinceCheckpoint += bytes
    if (this.#bytesSinceCheckpoint > this.#checkpointBytes) this.#noteWritten()
  }

  /** A segment is about to be begun at the end offset. From here on the partition is not as it was closed, as its folder is not. */
  beforeRoll(): void {
    if (this.#isClean) this.writeCheckpoint()
    this.#takeSnapshot()
  }

  /** A segment was begun, and the indexes of the one before it written. */
  afterRoll(sealed: LogSegment, next: LogSegment): void {
    this.#dirtySegments.add(sealed).add(next)
    this.#isFolderDirty = true
    this.#syncUnawaited()
  }

  /** The segment that holds the end of what is durable: all before it are. */
  get durableSegment(): LogSegment {
    return this.#durable.segment
  }

  /** The records of a segment were deleted: its files go when that, and the segment after it, is durable. */
  discard(segment: LogSegment): void {
    this.#discarded.push(segment)
    this.#isFolderDirty = true
    this.#syncUnawaited()
  }

  /** The segment is no longer part of the log. */
  forget(segment: LogSegment): void {
    this.#dirtySegments.delete(segment)
    this.#isFolderDirty = true
    if (segment === this.#durable.segment) {
      const first = this.#log.segments[0]!
      this.#durable = { offset: first.baseOffset, segment: first, position: 0 }
    }
  }

  /** Puts on disk what is known now. */
  writeCheckpoint(state: { readonly isClean?: boolean; readonly isSyncing?: boolean } = {}): void {
    const { isClean = false, isSyncing = this.#running !== undefined } = state
    this.#checkpoint.write({
      logStartOffset: this.#log.logStartOffset,
      cleanedOffset: this.#log.cleanedOffset,
      durable: saved(this.#durable),
      written: this.#written,
      indexed: this.#indexed,
      isClean,
      isSyncing,
    })
    this.#isClean = isClean
    this.#isCheckpointDirty = true
  }

  /** Settles when what is durable is also known to be, so that recovery will not look at it. */
  async settle(): Promise<void> {
    await this.sync()
    await this.#checkpoint.sync()
  }

  /** Settles when all that is appended now is durable. */
  sync(): Promise<void> {
    if (this.#log.failure !== undefined && this.#hasAppended) return Promise.reject(this.#log.failure)
    if (!this.#isDirty) return this.#running ?? Promise.resolve()
    if (this.#queued !== undefined) return this.#queued
    if (this.#running === undefined) return this.#start()
    this.#queued = this.#running.then(() => {
      this.#queued = undefined
      return this.#start()
    })
    return this.#queued
  }

  /** Syncs, and writes what makes the next open quick. Nothing may be appended any more. */
  async close(): Promise<void> {
    try {
      if (this.#log.failure !== undefined) return
      if (this.#isClean && !this.#isDirty) return
      this.#log.activeSegment.flushForSeal()
      this.#takeSnapshot()
      this.#dirtySegments.add(this.#log.activeSegment)
      await this.sync()
      this.writeCheckpoint({ isClean: true })
      await this.#checkpoint.sync()
    } catch (error) {
      throw asStorageError(this.#log.folder, error)
    } finally {
      this.#checkpoint.close()
    }
  }

  /** Closes without writing. A sync under way finds nothing more to do. */
  abandon(): void {
    this.#isAbandoned = true
    this.#checkpoint.close()
  }

  get #isDirty(): boolean {
    return this.#dirtySegments.size > 0 || this.#isFolderDirty || this.#isCheckpointDirty
  }

  get #end(): LogPosition {
    const segment = this.#log.activeSegment
    return { offset: this.#log.endOffset, segment, position: segment.sizeInBytes }
  }

  /** A failure stops the partition, which is how it becomes known. */
  #syncUnawaited(): void {
    this.sync().catch(() => {})
  }

  #start(): Promise<void> {
    // When a sync fails the system may count as written what it has dropped, and a later sync would say that all is well.
    // The note makes the next open write it again, even if this process dies before it hears of the failure.
    // A loss of power takes the note with it, and what was not written too: so it need not be durable itself.
    const isCheckpointDirty = this.#isCheckpointDirty || this.#isCheckpointDue
    try {
      if (this.#dirtySegments.size > 0) this.writeCheckpoint({ isSyncing: true })
      this.#isCheckpointDirty = isCheckpointDirty
      this.#isCheckpointDue = false
    } catch (error) {
      return Promise.reject(asStorageError(this.#log.folder, error))
    }
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    const reached = this.#end
    const flushed = this.#flushed
    const dirty = [...this.#dirtySegments]
    const discarded = this.#discarded
    const syncs = dirty.map((segment) => segment.sync(segment !== reached.segment || flushed !== this.#indexed))
    if (dirty.length > 0) syncs.push(this.#log.epochs.sync())
    if (this.#isFolderDirty) syncs.push(this.#fileSystem.syncDirectory(this.#log.folder))
    if (this.#isCheckpointDirty) syncs.push(this.#checkpoint.sync())
    this.#dirtySegments.clear()
    this.#isFolderDirty = false
    this.#isCheckpointDirty = false
    this.#discarded = []
    const results = await Promise.allSettled(syncs)
    if (this.#isAbandoned) return
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) {
      const error = stoppedError(this.#log.folder, 'syncing to disk failed', failed.reason)
      this.#log.fail(error)
      throw error
    }
    for (const segment of dirty) this.#log.releaseFile(segment)
    // What a closed partition leaves goes at the next open; its folder may be another's by now.
    if (!this.#log.isClosed) this.#remove(discarded)
    if (reached.offset > this.#durable.offset && this.#log.segments.includes(reached.segment)) this.#durable = reached
    if (dirty.length > 0) {
      this.#indexed = flushed
      this.#tryToNote({ isSyncing: false })
    }
  }

  #remove(discarded: readonly LogSegment[]): void {
    try {
      for (const segment of discarded) segment.remove()
    } catch (error) {
      const known = stoppedError(this.#log.folder, 'removing deleted segments failed', error)
      this.#log.fail(known)
      throw known
    }
  }

  #noteWritten(): void {
    this.#bytesSinceCheckpoint = 0
    this.#isFolderDirty = true
    this.#tryToNote({}, () => {
      this.#log.activeSegment.flushIndexes()
      this.#takeSnapshot()
      this.#written = saved(this.#end)
      this.#flushed = this.#written
    })
  }

  /** Without the note recovery only has more to read; on a full disk it is left out. */
  #tryToNote(state: { readonly isSyncing?: boolean }, prepare: () => void = () => {}): void {
    const isCheckpointDirty = this.#isCheckpointDirty
    try {
      prepare()
      this.writeCheckpoint(state)
      this.#isCheckpointDirty = isCheckpointDirty
    } catch (error) {
      const known = asStorageError(this.#log.folder, error)
      if (known.code !== 'LOG_DISK_FULL') this.#log.fail(known)
    }
  }

  #takeSnapshot(): void {
    this.#isCheckpointDue = true
    const path = `${this.#log.folder}/${segmentFileName(this.#log.endOffset)}.snapshot`
    const bytes = encodeProducerSnapshot(this.#log.producers.entries())
    const file = this.#fileSystem.open(path)
    file.truncate(0)
    file.write(bytes, 0)
    file.close()
    const names = this.#fileSystem.list(this.#log.folder).filter((name) => name.endsWith('.snapshot'))
    for (const name of names.sort().slice(0, -2)) this.#fileSystem.remove(`${this.#log.folder}/${name}`)
  }
}

function saved({ offset, segment, position }: LogPosition): SavedPosition {
  return { offset, segment: segment.baseOffset, position }
}
