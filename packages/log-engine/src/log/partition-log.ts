// PartitionLog: one partition's records, in segments.
//
// Owns:      the segments, the producers' state, log start offset and end offset, the partition's failure.
// Does not:  decide when to sync (the engine), know transactions beyond this partition (TransactionCoordinator), or
//            recover (log-loader.ts makes the parts that this is made of).
// In:        append of encoded batches by clients and coordinators; fetch; deleteRecords; sync.
// Out:       `onAdvance` after the high watermark or the last stable offset has moved.
//
// Invariants
//   L1. An append is all or none, and is with the operating system when it returns.
//   L2. Offsets rise without gap on append; a batch is never changed once it is in the log, but by compaction.
//   L3. log start offset <= last stable offset <= high watermark = end offset. One node: what is appended is committed.
//   L4. After a failed sync, or a failed write that could not be taken back, nothing is appended or synced any more.
//
//   open ─► failed (appends refused, reads go on) ─► closed ;  open ─► closed

import { RecordBatchReader, recompressBatch } from '@millrace/kafka-protocol'
import { EngineError } from '../engine-error.ts'
import type { FileSystem } from '../file-system.ts'
import { type BatchReadLimits, readBatches } from './batch-read.ts'
import type { LeaderEpochs } from './leader-epochs.ts'
import type { LogConfig } from './log-config.ts'
import type { LogPosition } from './log-loader.ts'
import { type BatchSummary, type LocatedBatch, LogSegment } from './log-segment.ts'
import { asEngineError, nextWholeBatch, stampBatch, validateBatch, validateSize } from './log-validator.ts'
import type { PartitionCheckpoint } from './partition-checkpoint.ts'
import { PartitionSync } from './partition-sync.ts'
import type { ProducerBatch, ProducerEntry } from './producer-entry.ts'
import type { ProducerStateManager } from './producer-state-manager.ts'
import { asStorageError, stoppedError, withStorageErrors } from './storage-error.ts'
import type { AbortedTransactionEntry } from './transaction-index.ts'

/** What log-loader.ts finds in a partition's folder. */
export interface PartitionParts {
  /** `topic-partition`. */
  readonly name: string
  readonly folder: string
  readonly fileSystem: FileSystem
  readonly config: LogConfig
  readonly checkpointBytes: number
  /** At least one; the last is written to, its indexes in memory. */
  readonly segments: LogSegment[]
  readonly producers: ProducerStateManager
  readonly epochs: LeaderEpochs
  readonly checkpoint: PartitionCheckpoint
  readonly logStartOffset: number
  readonly cleanedOffset: number
  readonly endOffset: number
  /** Everything before it survives a loss of power. */
  readonly durable: LogPosition
  /** Of a damaged partition: transactions are known up to here. */
  readonly readableOffset?: number
  /** The checkpoint says that nothing was appended since the partition was closed. */
  readonly isClean: boolean
}

/** Who appends: clients are checked, coordinators write markers and their own records. */
export type AppendOrigin = 'client' | 'coordinator'

/** What was appended. */
export interface AppendedBatches {
  readonly baseOffset: number
  readonly lastOffset: number
  readonly logAppendTime: number
  readonly isDuplicate: boolean
}

/** @see org.apache.kafka.storage.internals.log.UnifiedLog */
export class PartitionLog {
  readonly name: string
  readonly folder: string
  readonly producers: ProducerStateManager
  readonly epochs: LeaderEpochs
  /** Called after new data may be visible. */
  onAdvance: () => void = () => {}
  /** A cleaner is at work: no segment may be removed but by it. */
  isBeingCleaned = false
  config: LogConfig
  readonly #fileSystem: FileSystem
  readonly #segments: LogSegment[]
  readonly #sync: PartitionSync
  readonly #reader = new RecordBatchReader(new Uint8Array(0))
  #logStartOffset: number
  #cleanedOffset: number
  #endOffset: number
  readonly #readableOffset: number
  #failure: EngineError | undefined
  #isClosed = false
  /** Where the last fetch ended, so that the next need not look it up. */
  #nextFetch: (LocatedBatch & { readonly segment: LogSegment }) | undefined
  #openSealed: LogSegment | undefined

  constructor(parts: PartitionParts) {
    this.name = parts.name
    this.folder = parts.folder
    this.config = parts.config
    this.producers = parts.producers
    this.epochs = parts.epochs
    this.#fileSystem = parts.fileSystem
    this.#segments = parts.segments
    this.#logStartOffset = parts.logStartOffset
    this.#cleanedOffset = parts.cleanedOffset
    this.#endOffset = parts.endOffset
    this.#readableOffset = parts.readableOffset ?? Number.POSITIVE_INFINITY
    this.#sync = new PartitionSync(this, parts)
  }

  get logStartOffset(): number {
    return this.#logStartOffset
  }

  /** The offset of the next record, which is also the high watermark. */
  get endOffset(): number {
    return this.#endOffset
  }

  /** The first offset of the oldest open transaction, else the end offset. */
  get lastStableOffset(): number {
    const stable = Math.min(this.producers.firstUnstableOffset ?? this.#endOffset, this.#readableOffset)
    return Math.max(stable, this.#logStartOffset)
  }

  /** Oldest first; the last is the one written to. */
  get segments(): readonly LogSegment[] {
    return this.#segments
  }

  get activeSegment(): LogSegment {
    return this.#segments.at(-1)!
  }

  /** Why the partition is stopped; undefined when it is not. */
  get failure(): EngineError | undefined {
    return this.#failure
  }

  /**
   * Appends batches a client sends. `now` is Unix ms. `mayAppend` is asked about each transactional batch and throws when
   * the transaction does not have the partition.
   */
  append(batches: Uint8Array, now: number, mayAppend: (batch: RecordBatchReader) => void): AppendedBatches {
    this.#assertWritable()
    try {
      const duplicate = this.#validate(batches, now, mayAppend)
      if (duplicate !== undefined) {
        return {
          baseOffset: duplicate.baseOffset,
          lastOffset: duplicate.lastOffset,
          logAppendTime: -1,
          isDuplicate: true,
        }
      }
    } catch (error) {
      throw asEngineError(error, this.name)
    }
    const written = this.#recompress(batches)
    if (written.length > this.config.segmentBytes) {
      throw new EngineError(
        'RECORD_LIST_TOO_LARGE',
        `Partition ${this.name}: ${written.length} bytes in one append are above segment.bytes=${this.config.segmentBytes}. Nothing was written.`,
      )
    }
    return this.#write(written, this.config.messageTimestampType === 'LogAppendTime' ? now : -1)
  }

  /** Appends what a coordinator writes: its own records and markers, which are not checked. */
  appendAsCoordinator(batches: Uint8Array): AppendedBatches {
    this.#assertWritable()
    return this.#write(batches, -1)
  }

  /**
   * Whole batches from the one that holds `offset` on, at least one, at most `maxBytes`, all below `endOffset`.
   * @throws OFFSET_OUT_OF_RANGE, CORRUPT_MESSAGE, KAFKA_STORAGE_ERROR
   */
  read(
    offset: number,
    maxBytes: number,
    endOffset: number,
    checkCrcs: boolean,
    allocate: (length: number) => Uint8Array = Buffer.allocUnsafeSlow,
  ): Uint8Array {
    if (offset < this.#logStartOffset || offset > this.#endOffset) {
      throw new EngineError(
        'OFFSET_OUT_OF_RANGE',
        `Partition ${this.name} holds offsets ${this.#logStartOffset} to ${this.#endOffset}, not ${offset}. Seek to one of them.`,
      )
    }
    if (offset >= endOffset) return new Uint8Array(0)
    return withStorageErrors(this.folder, () => this.#read(offset, { maxBytes, endOffset, checkCrcs, allocate }))
  }

  #read(offset: number, limits: BatchReadLimits): Uint8Array {
    const start = this.#continued(offset) ?? this.#locate(offset)
    if (start === undefined) {
      if (this.#isContiguous) throw this.#missing(offset)
      return new Uint8Array(0)
    }
    this.#keepOpen(start.segment)
    const { segment } = start
    const isContiguous = this.#isContiguous
    const found = readBatches({ ...start, ...limits, isContiguous, partition: this.name })
    if (found === undefined) return new Uint8Array(0)
    this.#nextFetch = { segment, position: found.nextPosition, expectedOffset: found.nextOffset }
    return found.batches
  }

  /** Where the last fetch ended, if that is where `offset` is: what follows the end of a segment is in another. */
  #continued(offset: number): (LocatedBatch & { readonly segment: LogSegment }) | undefined {
    const next = this.#nextFetch
    if (next === undefined || next.expectedOffset !== offset) return undefined
    return next.position < next.segment.sizeInBytes ? next : undefined
  }

  /** The aborted transactions that overlap the offsets from `from` inclusive to `to` exclusive, by first offset. */
  abortedTransactions(from: number, to: number): AbortedTransactionEntry[] {
    return withStorageErrors(this.folder, () => this.#abortedTransactions(from, to))
  }

  #abortedTransactions(from: number, to: number): AbortedTransactionEntry[] {
    const found: AbortedTransactionEntry[] = []
    for (const segment of this.#segments.slice(this.#segmentIndexFor(from))) {
      for (const entry of segment.transactionIndex.entries()) {
        if (entry.lastOffset >= from && entry.firstOffset < to) found.push(entry)
        if (entry.lastStableOffset >= to) return found.sort(byFirstOffset)
      }
    }
    return found.sort(byFirstOffset)
  }

  /** The first record at or after a timestamp; undefined when there is none below `endOffset`. */
  findByTimestamp(timestamp: number, endOffset: number): { offset: number; timestamp: number } | undefined {
    return withStorageErrors(this.folder, () => this.#findByTimestamp(timestamp, endOffset))
  }

  #findByTimestamp(timestamp: number, endOffset: number): { offset: number; timestamp: number } | undefined {
    for (const segment of this.#segments) {
      if (segment.maxTimestamp.timestamp < timestamp) continue
      let found: { offset: number; timestamp: number } | undefined
      const from = Math.max(segment.timeIndex.lookup(timestamp), this.#logStartOffset)
      segment.walk(segment.positionNear(from), segment.sizeInBytes, (reader) => {
        if (reader.maxTimestamp < timestamp || reader.lastOffset < this.#logStartOffset) return true
        while (found === undefined && reader.nextRecord()) {
          if (reader.timestamp >= timestamp && reader.offset >= this.#logStartOffset) {
            found = { offset: reader.offset, timestamp: reader.timestamp }
          }
        }
        return found === undefined
      })
      if (found !== undefined) return found.offset < endOffset ? found : undefined
    }
    return undefined
  }

  /** The record with the greatest timestamp; undefined when the partition is empty. */
  findMaxTimestamp(): { offset: number; timestamp: number } | undefined {
    let greatest = -1
    for (const segment of this.#segments) greatest = Math.max(greatest, segment.maxTimestamp.timestamp)
    return greatest < 0 ? undefined : this.findByTimestamp(greatest, this.#endOffset)
  }

  /** Moves the log start offset up; segments wholly below it are removed. */
  deleteRecordsBefore(offset: number): void {
    if (offset > this.#endOffset || offset < 0) {
      throw new EngineError(
        'OFFSET_OUT_OF_RANGE',
        `Partition ${this.name} ends at offset ${this.#endOffset}: records before ${offset} cannot be deleted.`,
      )
    }
    if (offset <= this.#logStartOffset) return
    this.#assertWritable()
    const before = this.#logStartOffset
    this.#logStartOffset = offset
    try {
      this.#sync.writeCheckpoint()
    } catch (error) {
      this.#logStartOffset = before
      throw asStorageError(this.folder, error)
    }
    this.removeDeletedSegments()
    this.onAdvance()
  }

  /** Removes the segments that lie wholly below the log start offset, unless a cleaner holds them. */
  removeDeletedSegments(): void {
    if (this.isBeingCleaned) return
    while (this.#segments.length > 1 && this.#segments[1]!.baseOffset <= this.#logStartOffset) {
      const [segment] = this.#segments.splice(0, 1)
      this.#discard(segment!)
    }
  }

  /** All below was seen by a cleaner. */
  get cleanedOffset(): number {
    return this.#cleanedOffset
  }

  /** Segments before this one are durable and may be cleaned. */
  get durableSegment(): LogSegment {
    return this.#sync.durableSegment
  }

  /** Puts a cleaned segment, whose files have their names already, in the place of neighbouring ones. */
  replaceSegments(replaced: readonly LogSegment[], cleaned: LogSegment): void {
    this.#segments.splice(this.#segments.indexOf(replaced[0]!), replaced.length, cleaned)
    for (const segment of replaced) this.#forget(segment)
  }

  /** Remembers, over restarts, how far a cleaner came. */
  markCleaned(offset: number): void {
    this.#cleanedOffset = offset
    this.#sync.writeCheckpoint()
  }

  /** Settles when all that is appended now is durable. Calls at the same time share one sync. */
  sync(): Promise<void> {
    return this.#sync.sync()
  }

  /** Settles when all that is appended now is durable and will not be doubted after a crash. */
  settle(): Promise<void> {
    return this.#sync.settle()
  }

  /** Stops the partition for good. */
  fail(error: EngineError): void {
    this.#failure ??= error
  }

  /** Syncs and writes indexes, snapshot and checkpoint, so that the next open has nothing to do. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    try {
      await this.#sync.close()
    } finally {
      for (const segment of this.#segments) segment.closeFile()
    }
  }

  /** Closes without writing anything. */
  abandon(): void {
    this.#isClosed = true
    this.#sync.abandon()
    for (const segment of this.#segments) segment.closeFile()
  }

  get isClosed(): boolean {
    return this.#isClosed
  }

  #validate(
    batches: Uint8Array,
    now: number,
    mayAppend: (batch: RecordBatchReader) => void,
  ): ProducerBatch | undefined {
    const reader = this.#reader
    reader.reset(batches)
    let pending: Map<bigint, ProducerEntry> | undefined
    let duplicate: ProducerBatch | undefined
    let count = 0
    let duplicates = 0
    let offset = this.#endOffset
    while (nextWholeBatch(reader, batches, this.name)) {
      count++
      validateBatch(reader, this.name, this.config, now)
      if (reader.isTransactional) mayAppend(reader)
      if (reader.hasProducerId) {
        const before = pending?.get(reader.producerId)
        const known = this.producers.check(reader, before)
        if (known !== undefined) {
          duplicate ??= known
          duplicates++
        } else if (reader.nextPosition < batches.length || pending !== undefined) {
          pending ??= new Map()
          const entry = before ?? this.producers.entry(reader.producerId)
          pending.set(reader.producerId, this.producers.after(reader, entry, offset))
        }
      }
      offset += reader.recordCount
    }
    if (duplicates > 0 && duplicates < count) {
      throw new EngineError(
        'DUPLICATE_SEQUENCE_NUMBER',
        `Partition ${this.name}: of ${count} record batches in one append ${duplicates} are there already. Send them one by one.`,
      )
    }
    return duplicate
  }

  /** The batches with the codec that the topic wants. */
  #recompress(batches: Uint8Array): Uint8Array {
    const { compressionType } = this.config
    if (compressionType === 'producer') return batches
    const wanted = compressionType === 'uncompressed' ? 'none' : compressionType
    const reader = this.#reader
    reader.reset(batches)
    const parts: Uint8Array[] = []
    try {
      while (reader.nextBatch()) {
        const isWanted = reader.compression === wanted
        const part = isWanted ? reader.batchBytes : recompressBatch(reader, wanted)
        if (!isWanted) validateSize(part.length, this.name, this.config)
        parts.push(part)
      }
    } catch (error) {
      throw asEngineError(error, this.name)
    }
    return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
  }

  #write(batches: Uint8Array, logAppendTime: number): AppendedBatches {
    const baseOffset = this.#endOffset
    const summaries: BatchSummary[] = []
    const reader = this.#reader
    reader.reset(batches)
    let offset = baseOffset
    let maxTimestamp = -1
    while (reader.nextBatch()) {
      stampBatch(batches, reader.position, offset, this.epochs.current, logAppendTime)
      const lastOffset = reader.lastOffset
      summaries.push({ lastOffset, maxTimestamp: reader.maxTimestamp, sizeInBytes: reader.sizeInBytes })
      maxTimestamp = Math.max(maxTimestamp, reader.maxTimestamp)
      offset = lastOffset + 1
    }
    withStorageErrors(this.folder, () => this.#maybeRoll(batches.length, maxTimestamp, offset - 1))
    const segment = this.activeSegment
    const sizeBefore = segment.sizeInBytes
    try {
      this.#sync.beforeAppend()
      segment.append(batches, summaries, this.config.indexIntervalBytes)
    } catch (error) {
      throw this.#takeBack(segment, sizeBefore, error)
    }
    this.#endOffset = offset
    reader.reset(batches)
    while (reader.nextBatch()) {
      const aborted = this.producers.apply(reader)
      if (aborted !== undefined) segment.transactionIndex.append(aborted)
    }
    this.#sync.afterAppend(batches.length)
    this.onAdvance()
    return { baseOffset, lastOffset: offset - 1, logAppendTime, isDuplicate: false }
  }

  #takeBack(segment: LogSegment, size: number, error: unknown): EngineError {
    const known = asStorageError(segment.path, error)
    try {
      segment.truncateFile(size)
      this.#fileSystem.settle(segment.path)
    } catch (truncateError) {
      this.fail(stoppedError(segment.path, 'a failed write could not be taken back', truncateError))
    }
    if (known.code === 'LOG_DISK_FULL') return known
    this.fail(stoppedError(segment.path, 'writing failed', error))
    return this.#failure!
  }

  #maybeRoll(bytes: number, maxTimestamp: number, lastOffset: number): void {
    const active = this.activeSegment
    if (active.sizeInBytes === 0) return
    const firstTimestamp = active.firstBatchTimestamp() ?? -1
    const isTooOld = firstTimestamp >= 0 && maxTimestamp - firstTimestamp > maxSegmentMs(this.config)
    const isTooLarge = active.sizeInBytes + bytes > this.config.segmentBytes
    const isIndexFull = (active.offsetIndex.file.count + 1) * 8 > this.config.segmentIndexBytes
    const isTooWide = lastOffset - active.baseOffset > 0x7fffffff
    if (isTooOld || isTooLarge || isIndexFull || isTooWide) this.roll()
  }

  /** Seals the active segment and begins another at the end offset. */
  roll(): void {
    const sealed = this.activeSegment
    let next: LogSegment | undefined
    try {
      sealed.flushForSeal()
      this.#sync.beforeRoll()
      next = new LogSegment(this.#fileSystem, this.folder, this.#endOffset)
    } catch (error) {
      throw asStorageError(sealed.path, error)
    }
    sealed.seal()
    this.#segments.push(next)
    this.#sync.afterRoll(sealed, next)
  }

  /** No cleaner has been here, nor may have been while the topic was compacted. */
  get #isContiguous(): boolean {
    return this.#cleanedOffset === 0 && !this.config.cleanupPolicy.has('compact')
  }

  #missing(offset: number): EngineError {
    const { path } = this.#segments[this.#segmentIndexFor(offset)]!
    return new EngineError(
      'CORRUPT_MESSAGE',
      `Partition ${this.name} is damaged in ${path}: no record batch in it has offset ${offset}. Nothing was changed. Restore the file from a copy, or seek past this segment.`,
    )
  }

  #assertWritable(): void {
    if (this.#failure !== undefined) throw this.#failure
  }

  #locate(offset: number): (LocatedBatch & { readonly segment: LogSegment }) | undefined {
    for (const segment of this.#segments.slice(this.#segmentIndexFor(offset))) {
      const found = segment.locate(offset)
      if (found !== undefined) return { segment, ...found }
    }
    return undefined
  }

  /** The last segment whose base offset is at or below `offset`. */
  #segmentIndexFor(offset: number): number {
    let low = 0
    let high = this.#segments.length - 1
    while (low < high) {
      const middle = (low + high + 1) >>> 1
      if (this.#segments[middle]!.baseOffset <= offset) low = middle
      else high = middle - 1
    }
    return low
  }

  /** At most one sealed segment stays open for reading. */
  #keepOpen(segment: LogSegment): void {
    if (segment === this.activeSegment || segment === this.#openSealed) return
    const before = this.#openSealed
    this.#openSealed = segment
    if (before !== undefined) this.releaseFile(before)
  }

  /** Closes the file of a segment that is neither written nor just being read. */
  releaseFile(segment: LogSegment): void {
    if (segment !== this.activeSegment && segment !== this.#openSealed) segment.closeFile()
  }

  #discard(segment: LogSegment): void {
    this.#forget(segment)
    this.#sync.discard(segment)
  }

  #forget(segment: LogSegment): void {
    if (this.#nextFetch?.segment === segment) this.#nextFetch = undefined
    if (this.#openSealed === segment) this.#openSealed = undefined
    segment.closeFile()
    this.#sync.forget(segment)
  }
}

/** A compacted topic is rolled in time for its `max.compaction.lag.ms`. */
function maxSegmentMs(config: LogConfig): number {
  return config.cleanupPolicy.has('compact') ? Math.min(config.segmentMs, config.maxCompactionLagMs) : config.segmentMs
}

function byFirstOffset(a: AbortedTransactionEntry, b: AbortedTransactionEntry): number {
  return a.firstOffset - b.firstOffset
}
