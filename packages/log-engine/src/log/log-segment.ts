import { RecordBatchReader } from '@millrace/kafka-protocol'
import type { FileSystem, LogFile } from '../file-system.ts'
import { OffsetIndex } from './offset-index.ts'
import { TimeIndex, type TimestampOffset } from './time-index.ts'
import { TransactionIndex } from './transaction-index.ts'

/** What a segment has to know of a batch that is appended to it. */
export interface BatchSummary {
  /** Inclusive. */
  readonly lastOffset: number
  readonly maxTimestamp: number
  readonly sizeInBytes: number
}

/** A batch found by an offset. */
export interface LocatedBatch {
  /** In the segment's file. */
  readonly position: number
  /** The offset after the batch before it, at which it begins unless compaction has left a gap. */
  readonly expectedOffset: number
}

/** `00000000000000000042`: how Kafka names a segment's files, and orders them. */
export function segmentFileName(baseOffset: number): string {
  return String(baseOffset).padStart(20, '0')
}

/** Bytes read at a time when batches are walked over. */
const walkBytes = 64 * 1024

/**
 * A part of a partition: batches back to back in `<base offset>.log`, with its offset, time and transaction index.
 * Indexes are written when the segment is flushed or sealed; recovery rebuilds what is missing.
 * @see org.apache.kafka.storage.internals.log.LogSegment
 */
export class LogSegment {
  readonly baseOffset: number
  readonly path: string
  readonly offsetIndex: OffsetIndex
  readonly timeIndex: TimeIndex
  readonly transactionIndex: TransactionIndex
  readonly #fileSystem: FileSystem
  #file: LogFile | undefined
  /** Of the batches that are known; the file may hold more while it is being recovered. */
  #sizeInBytes: number
  #bytesSinceIndexEntry = 0
  #max: TimestampOffset
  #firstTimestamp: number | undefined

  /**
   * Opens the files of a segment, creating the log file when there is none. Indexes are not read yet. `suffix` ends the
   * names of files that are not part of the log yet.
   */
  constructor(fileSystem: FileSystem, folder: string, baseOffset: number, suffix = '') {
    const stem = `${folder}/${segmentFileName(baseOffset)}`
    this.#fileSystem = fileSystem
    this.baseOffset = baseOffset
    this.path = `${stem}.log${suffix}`
    this.offsetIndex = new OffsetIndex(fileSystem, `${stem}.index${suffix}`, baseOffset)
    this.timeIndex = new TimeIndex(fileSystem, `${stem}.timeindex${suffix}`, baseOffset)
    this.transactionIndex = new TransactionIndex(fileSystem, `${stem}.txnindex${suffix}`)
    this.#sizeInBytes = this.file.size()
    this.#max = { timestamp: -1, offset: baseOffset }
  }

  get sizeInBytes(): number {
    return this.#sizeInBytes
  }

  /** The size of the log file. */
  get fileBytes(): number {
    return this.file.size()
  }

  /** The greatest timestamp of its records; -1 when it has none. */
  get maxTimestamp(): TimestampOffset {
    return this.#max
  }

  /** The log file, opened when needed. */
  get file(): LogFile {
    this.#file ??= this.#fileSystem.open(this.path)
    return this.#file
  }

  /** Releases the file; it is opened again when needed. */
  closeFile(): void {
    this.#file?.close()
    this.#file = undefined
  }

  /** Writes batches at the end. `summaries` are theirs, in order. When the write throws, nothing is changed but the file. */
  append(batches: Uint8Array, summaries: readonly BatchSummary[], indexIntervalBytes: number): void {
    this.file.write(batches, this.#sizeInBytes)
    for (const summary of summaries) this.addToIndexes(summary, indexIntervalBytes)
  }

  /** Takes a batch that is in the file already, at the end of what is known, into size and indexes. */
  addToIndexes(batch: BatchSummary, indexIntervalBytes: number): void {
    if (batch.maxTimestamp > this.#max.timestamp) {
      this.#max = { timestamp: batch.maxTimestamp, offset: batch.lastOffset }
    }
    if (this.#bytesSinceIndexEntry > indexIntervalBytes) {
      this.offsetIndex.append(batch.lastOffset, this.#sizeInBytes)
      this.timeIndex.maybeAppend(this.#max.timestamp, this.#max.offset)
      this.#bytesSinceIndexEntry = 0
    }
    this.#sizeInBytes += batch.sizeInBytes
    this.#bytesSinceIndexEntry += batch.sizeInBytes
  }

  /** Cuts the file to a size at which a batch ends. Indexes are the caller's concern. */
  truncateFile(size: number): void {
    this.file.truncate(size)
    this.#sizeInBytes = Math.min(this.#sizeInBytes, size)
  }

  /**
   * Reads the indexes into memory as far as they vouch for batches up to `position`, and forgets all else; `addToIndexes`
   * is then to be told of the batches from the returned position on.
   */
  loadIndexes(position: number): number {
    this.offsetIndex.file.load()
    this.timeIndex.file.load()
    if (!this.offsetIndex.isSane(this.#sizeInBytes) || !this.timeIndex.isSane()) {
      this.offsetIndex.file.truncate(0)
      this.timeIndex.file.truncate(0)
    }
    let last = this.offsetIndex.keepToPosition(position)
    if (last !== undefined && !this.#hasBatchAt(last.position, last.offset)) last = this.offsetIndex.keepToPosition(-1)
    this.timeIndex.keepToOffset(last?.offset ?? this.baseOffset - 1)
    this.#sizeInBytes = last?.position ?? 0
    this.#max = this.timeIndex.lastEntry() ?? { timestamp: -1, offset: this.baseOffset }
    this.#bytesSinceIndexEntry = 0
    return this.#sizeInBytes
  }

  /** A position at or before which `offset` would be; the indexes may not be loaded yet. */
  positionBefore(offset: number): number {
    if (offset <= this.baseOffset || !this.offsetIndex.file.openSealed()) return 0
    return this.positionNear(offset)
  }

  /** Where a batch begins at or before `offset`, by the index if that can be believed. */
  positionNear(offset: number): number {
    const position = this.offsetIndex.lookup(offset)
    return position === 0 || this.#hasBatchAt(position, offset) ? position : 0
  }

  /** A loss of power can leave an index that names places where no batch begins. */
  #hasBatchAt(position: number, highestOffset: number): boolean {
    let isWhole = false
    this.walk(position, this.fileBytes, (reader) => {
      isWhole = reader.baseOffset <= highestOffset && reader.isCrcValid
      return false
    })
    return isWhole
  }

  /** The first batch that holds an offset at or above this one; undefined when there is none. */
  locate(offset: number): LocatedBatch | undefined {
    // One entry earlier than need be, so that a batch before is seen, which says where the found one begins.
    const start = this.offsetIndex.lookup(offset, 1)
    const found = this.#locateFrom(start, offset)
    // An index that is wrong leads into the middle of a batch, or too far: the file itself is asked then.
    return start > 0 && (found === undefined || found.position === start) ? this.#locateFrom(0, offset) : found
  }

  #locateFrom(start: number, offset: number): LocatedBatch | undefined {
    let expectedOffset = this.baseOffset
    let found: LocatedBatch | undefined
    const end = this.walk(start, this.#sizeInBytes, (reader, position) => {
      if (reader.lastOffset >= offset) {
        found = { position, expectedOffset }
        return false
      }
      expectedOffset = reader.lastOffset + 1
      return true
    })
    // A batch that cannot be read may be the one: whoever reads it is told.
    return found ?? (end < this.#sizeInBytes ? { position: end, expectedOffset } : undefined)
  }

  /**
   * Calls `visit` with each batch from `start` on, until it returns false or `end` is reached. Returns the position of the first batch that was not visited, or that does not fit before `end`.
   */
  walk(start: number, end: number, visit: (reader: RecordBatchReader, position: number) => boolean): number {
    let position = start
    let buffer = Buffer.allocUnsafe(Math.max(Math.min(walkBytes, end - start), 0))
    const reader = new RecordBatchReader(buffer)
    while (position < end) {
      const length = this.file.read(buffer, 0, Math.min(buffer.length, end - position), position)
      reader.reset(buffer, 0, length)
      let used = 0
      while (isNextWhole(reader)) {
        if (!visit(reader, position + used)) return position + used
        used = reader.nextPosition
      }
      if (used === 0) {
        const needed = reader.pendingBatchBytes ?? 0
        if (needed <= length || position + needed > end) break
        buffer = Buffer.allocUnsafe(needed)
      }
      position += used
    }
    return position
  }

  /** Writes the index entries that the files lack. */
  flushIndexes(): void {
    this.offsetIndex.file.flush()
    this.timeIndex.file.flush()
    this.transactionIndex.flush()
  }

  /** Writes the index entries that the files lack, and the last entry that the time index needs once it is sealed. */
  flushForSeal(): void {
    if (this.#max.timestamp >= 0) this.timeIndex.maybeAppend(this.#max.timestamp, this.#max.offset)
    this.flushIndexes()
  }

  /** Ends writing: the indexes leave memory. */
  seal(): void {
    this.flushForSeal()
    this.offsetIndex.file.seal()
    this.timeIndex.file.seal()
  }

  /** Settles when the log file, the transaction index and, of a sealed segment, the other indexes are durable. */
  async sync(isSealed: boolean): Promise<void> {
    const syncs = [this.file.sync(), this.transactionIndex.sync()]
    if (isSealed) syncs.push(this.offsetIndex.file.sync(), this.timeIndex.file.sync())
    await Promise.all(syncs)
  }

  /** Opens the indexes of a sealed segment; false when they are missing and have to be rebuilt. */
  openSealed(): boolean {
    if (!this.offsetIndex.file.openSealed() || !this.timeIndex.file.openSealed()) return false
    this.#max = this.timeIndex.lastEntry() ?? this.#max
    return true
  }

  /** The timestamp of the first batch, by which a segment's age is told; undefined while it is empty. */
  firstBatchTimestamp(): number | undefined {
    if (this.#firstTimestamp === undefined) {
      this.walk(0, this.#sizeInBytes, (reader) => {
        this.#firstTimestamp = reader.maxTimestamp
        return false
      })
    }
    return this.#firstTimestamp
  }

  /** Closes and removes all its files. */
  remove(): void {
    this.closeFile()
    this.#fileSystem.remove(this.path)
    this.#fileSystem.remove(this.offsetIndex.file.path)
    this.#fileSystem.remove(this.timeIndex.file.path)
    this.transactionIndex.reset()
  }
}

/** Bytes that are no batch at all end a walk as a batch that is cut off does. */
function isNextWhole(reader: RecordBatchReader): boolean {
  try {
    return reader.nextBatch()
  } catch {
    return false
  }
}
