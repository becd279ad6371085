import type { FileSystem } from '../file-system.ts'
import type { RecoveryPoint } from './log-loader.ts'
import { type LogSegment, segmentFileName } from './log-segment.ts'
import type { PartitionCheckpoint } from './partition-checkpoint.ts'
import type { PartitionLog, PartitionParts } from './partition-log.ts'
import { encodeProducerSnapshot } from './producer-snapshot.ts'
import { stoppedError } from './storage-error.ts'

/** With so much not yet durable a sync begins by itself, which bounds what recovery has to check. */
const backgroundSyncBytes = 8 * 1024 * 1024

/** After so much a producer snapshot is taken, which bounds what recovery has to read. */
const snapshotBytes = 16 * 1024 * 1024

/** How a partition becomes durable: group-committed fdatasync, and the checkpoint that says how far it went. */
export class PartitionSync {
  readonly #log: PartitionLog
  readonly #fileSystem: FileSystem
  readonly #checkpoint: PartitionCheckpoint
  /** With bytes that may not be durable. */
  readonly #dirtySegments = new Set<LogSegment>()
  #isFolderDirty = false
  #isCheckpointDirty = false
  #isClean: boolean
  #recovery: RecoveryPoint
  #bytesSinceSync = 0
  #bytesSinceSnapshot = 0
  #running: Promise<void> | undefined
  #queued: Promise<void> | undefined

  constructor(log: PartitionLog, parts: PartitionParts) {
    this.#log = log
    this.#fileSystem = parts.fileSystem
    this.#checkpoint = parts.checkpoint
    this.#isClean = parts.isClean
    // Names that a crashed process has made may not be durable yet.
    this.#isFolderDirty = !parts.isClean
    this.#recovery = parts.recovery
    if (parts.recovery.offset < parts.endOffset) {
      const from = parts.segments.indexOf(parts.recovery.segment)
      for (const segment of parts.segments.slice(from)) this.#dirtySegments.add(segment)
    }
  }

  /** The first append after a clean close says so on disk, so that a crash is known for one. */
  beforeAppend(): void {
    if (this.#isClean) this.writeCheckpoint(false)
  }

  afterAppend(bytes: number): void {
    this.#dirtySegments.add(this.#log.activeSegment)
    this.#bytesSinceSync += bytes
    this.#bytesSinceSnapshot += bytes
    if (this.#bytesSinceSync > backgroundSyncBytes) {
      // A failure stops the partition, which is how it becomes known.
      this.sync().catch(() => {})
    }
  }

  /** A segment is about to be begun at the end offset. */
  beforeRoll(): void {
    this.#takeSnapshot()
  }

  /** A segment was begun, and the indexes of the one before it written. */
  afterRoll(sealed: LogSegment, next: LogSegment): void {
    this.#dirtySegments.add(sealed).add(next)
    this.#isFolderDirty = true
  }

  /** The segment that holds the recovery offset: all before it are durable. */
  get recoverySegment(): LogSegment {
    return this.#recovery.segment
  }

  /** The segment was removed. */
  forget(segment: LogSegment): void {
    this.#dirtySegments.delete(segment)
    this.#isFolderDirty = true
    if (segment === this.#recovery.segment) {
      const first = this.#log.segments[0]!
      this.#recovery = { offset: first.baseOffset, segment: first, position: 0 }
    }
  }

  /** Puts log start offset and recovery offset on disk. */
  writeCheckpoint(isClean: boolean): void {
    this.#checkpoint.write({
      logStartOffset: this.#log.logStartOffset,
      cleanedOffset: this.#log.cleanedOffset,
      recoveryOffset: this.#recovery.offset,
      recoverySegment: this.#recovery.segment.baseOffset,
      recoveryPosition: this.#recovery.position,
      isClean,
    })
    this.#isClean = isClean
    this.#isCheckpointDirty = true
  }

  /** Settles when the recovery point is durable too, so that recovery will not look at what lies before it. */
  async settle(): Promise<void> {
    await this.sync()
    await this.#checkpoint.sync()
  }

  /** Settles when all that is appended now is durable. */
  sync(): Promise<void> {
    if (this.#log.failure !== undefined) return Promise.reject(this.#log.failure)
    if (!this.#isDirty) return this.#running ?? Promise.resolve()
    if (this.#running === undefined) return this.#start()
    this.#queued ??= this.#running.then(() => {
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
      this.writeCheckpoint(true)
      await this.#checkpoint.sync()
    } finally {
      this.#checkpoint.close()
    }
  }

  /** Closes without writing. */
  abandon(): void {
    this.#checkpoint.close()
  }

  get #isDirty(): boolean {
    return this.#dirtySegments.size > 0 || this.#isFolderDirty || this.#isCheckpointDirty
  }

  #start(): Promise<void> {
    this.#running = this.#run().finally(() => {
      this.#running = undefined
    })
    return this.#running
  }

  async #run(): Promise<void> {
    const segment = this.#log.activeSegment
    const reached = { offset: this.#log.endOffset, segment, position: segment.sizeInBytes }
    const dirty = [...this.#dirtySegments]
    const syncs = dirty.map((each) => each.sync(each !== segment))
    if (this.#isFolderDirty) syncs.push(this.#fileSystem.syncDirectory(this.#log.folder))
    if (this.#isCheckpointDirty) syncs.push(this.#checkpoint.sync())
    this.#dirtySegments.clear()
    this.#isFolderDirty = false
    this.#isCheckpointDirty = false
    this.#bytesSinceSync = 0
    const results = await Promise.allSettled(syncs)
    const failed = results.find((result) => result.status === 'rejected')
    if (failed !== undefined) {
      const error = stoppedError(this.#log.folder, 'syncing to disk failed', failed.reason)
      this.#log.fail(error)
      throw error
    }
    for (const each of dirty) this.#log.releaseFile(each)
    this.#advance(reached)
  }

  #advance(reached: RecoveryPoint): void {
    if (reached.offset <= this.#recovery.offset || !this.#log.segments.includes(reached.segment)) return
    this.#recovery = reached
    try {
      this.writeCheckpoint(false)
      this.#isCheckpointDirty = false
      if (this.#bytesSinceSnapshot > snapshotBytes) {
        this.#log.activeSegment.flushIndexes()
        this.#takeSnapshot()
      }
    } catch (error) {
      // Only recovery would be quicker with these; a full disk keeps what is durable durable.
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
    }
  }

  #takeSnapshot(): void {
    const path = `${this.#log.folder}/${segmentFileName(this.#log.endOffset)}.snapshot`
    const bytes = encodeProducerSnapshot(this.#log.producers.entries())
    const file = this.#fileSystem.open(path)
    file.truncate(0)
    file.write(bytes, 0)
    file.close()
    this.#bytesSinceSnapshot = 0
    const names = this.#fileSystem.list(this.#log.folder).filter((name) => name.endsWith('.snapshot'))
    for (const name of names.sort().slice(0, -2)) this.#fileSystem.remove(`${this.#log.folder}/${name}`)
  }
}
