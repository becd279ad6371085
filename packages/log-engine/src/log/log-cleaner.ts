import { setImmediate } from 'node:timers/promises'
import type { RecordBatchReader } from '@millrace/kafka-protocol'
import { EngineError } from '../engine-error.ts'
import type { FileSystem } from '../file-system.ts'
import { BatchCleaner } from './batch-cleaner.ts'
import { cleanedSuffix, prepareSwap } from './cleaned-segment.ts'
import { CleanedTransactions } from './cleaned-transactions.ts'
import { type BatchSummary, LogSegment } from './log-segment.ts'
import { OffsetMap } from './offset-map.ts'
import type { PartitionLog } from './partition-log.ts'

/** Memory for the keys of the dirty part: some four million of them. What does not fit is cleaned the next time. */
const mapBytes = 128 * 1024 * 1024
/** Read between two turns of the event loop, so that appends go on. */
const sliceBytes = 256 * 1024
/** Cleaned batches are written in pieces of about this size. */
const writeBytes = 1024 * 1024

/** The part of a partition that can be cleaned now. */
interface Cleanable {
  readonly segments: readonly LogSegment[]
  /** Of `segments`, those not cleaned before. */
  readonly dirty: readonly LogSegment[]
  /** Of all that could be cleaned, the part not cleaned before. */
  readonly dirtyRatio: number
  /** The oldest dirty record is older than `max.compaction.lag.ms`. */
  readonly isOverdue: boolean
}

/**
 * Compacts one partition at a time, reading and writing in slices. Clean and dirty segments up to the last stable offset are
 * rewritten into as few as `segment.bytes` allows; the active one is left alone.
 * @see org.apache.kafka.storage.internals.log.LogCleaner
 */
export class LogCleaner {
  readonly #fileSystem: FileSystem
  readonly #now: () => number
  #isStopped = false

  constructor(fileSystem: FileSystem, now: () => number) {
    this.#fileSystem = fileSystem
    this.#now = now
  }

  /** Lets cleaning end at its next slice. */
  stop(): void {
    this.#isStopped = true
  }

  /** How much the partition needs cleaning: 0 not at all; the part that is dirty; above 1 when it is overdue. */
  need(log: PartitionLog): number {
    if (!log.config.cleanupPolicy.has('compact') || log.failure !== undefined || log.isBeingCleaned) return 0
    const { dirty, dirtyRatio, isOverdue } = this.#cleanable(log, log.activeSegment)
    if (dirty.length === 0) return 0
    if (isOverdue) return 1 + dirtyRatio
    return dirtyRatio >= log.config.minCleanableDirtyRatio ? dirtyRatio : 0
  }

  /** Cleans what can be cleaned; ends early when the partition is closed or the cleaner stopped meanwhile. */
  async clean(log: PartitionLog): Promise<void> {
    log.isBeingCleaned = true
    try {
      await log.settle()
      const { segments, dirty } = this.#cleanable(log, log.durableSegment)
      if (dirty.length === 0) return
      const { map, endOffset } = await this.#buildMap(log, dirty)
      await this.#rewrite(log, segments, map, endOffset)
      if (!this.#isEnding(log)) log.markCleaned(endOffset)
    } finally {
      log.isBeingCleaned = false
      if (!log.isClosed) log.removeDeletedSegments()
    }
  }

  #isEnding(log: PartitionLog): boolean {
    return this.#isStopped || log.isClosed
  }

  /** Of the segments before `end`. */
  #cleanable(log: PartitionLog, end: LogSegment): Cleanable {
    const now = this.#now()
    const dirtyStart = Math.max(log.cleanedOffset, log.logStartOffset)
    const lagMs = log.config.minCompactionLagMs
    const segments: LogSegment[] = []
    const dirty: LogSegment[] = []
    for (const [number, segment] of log.segments.entries()) {
      const next = log.segments[number + 1]
      if (next === undefined || segment === end || next.baseOffset > log.lastStableOffset) break
      const isDirty = next.baseOffset > dirtyStart
      if (isDirty && lagMs > 0 && segment.maxTimestamp.timestamp > now - lagMs) break
      segments.push(segment)
      if (isDirty) dirty.push(segment)
    }
    const firstTimestamp = dirty[0]?.firstBatchTimestamp() ?? now
    return {
      segments,
      dirty,
      dirtyRatio: bytesOf(dirty) / Math.max(bytesOf(segments), 1),
      isOverdue: firstTimestamp < now - log.config.maxCompactionLagMs,
    }
  }

  /** The last offset of each key in the dirty segments, as far as memory allows; `endOffset` says how far. */
  async #buildMap(log: PartitionLog, dirty: readonly LogSegment[]): Promise<{ map: OffsetMap; endOffset: number }> {
    const map = new OffsetMap(mapBytes)
    const start = Math.max(log.cleanedOffset, log.logStartOffset)
    const transactions = new CleanedTransactions(log.abortedTransactions(start, log.lastStableOffset), () => {})
    let endOffset = start
    for (const segment of dirty) {
      await this.#visit(log, segment, (batch) => {
        if (map.isFull) return false
        endOffset = batch.lastOffset + 1
        if (batch.isControl) transactions.isMarkerOfNothing(batch)
        else if (!transactions.isAborted(batch)) {
          while (batch.nextRecord()) {
            if (batch.keyLength >= 0 && batch.offset >= start)
              map.put(batch.block, batch.keyStart, batch.keyLength, batch.offset)
          }
        }
        return true
      })
    }
    return { map, endOffset }
  }

  async #rewrite(log: PartitionLog, segments: readonly LogSegment[], map: OffsetMap, endOffset: number): Promise<void> {
    let output: LogSegment | undefined
    const aborted = log.abortedTransactions(segments[0]!.baseOffset, log.lastStableOffset)
    const transactions = new CleanedTransactions(aborted, (entry) => output?.transactionIndex.append(entry))
    const lastOffsets = new Map<bigint, number>()
    for (const { producerId, batches } of log.producers.entries()) {
      if (batches.length > 0) lastOffsets.set(producerId, batches.at(-1)!.lastOffset)
    }
    const { deleteRetentionMs, segmentBytes } = log.config
    const cleaner = new BatchCleaner({
      map,
      mapEndOffset: endOffset,
      transactions,
      lastOffsets,
      now: this.#now(),
      deleteRetentionMs,
    })
    const included = segments.filter(({ baseOffset }) => baseOffset < endOffset)
    for (const group of groupBySize(included, segmentBytes)) {
      const next = log.segments[log.segments.indexOf(group.at(-1)!) + 1]
      if (next === undefined || this.#isEnding(log)) return
      new LogSegment(this.#fileSystem, log.folder, group[0]!.baseOffset, cleanedSuffix).remove()
      output = new LogSegment(this.#fileSystem, log.folder, group[0]!.baseOffset, cleanedSuffix)
      try {
        for (const segment of group) await this.#copy(log, segment, output, cleaner)
      } catch (error) {
        // What was copied is of no use, and the disk may be full of it.
        output.remove()
        throw error
      }
      if (this.#isEnding(log) || (group.length === 1 && output.sizeInBytes === group[0]!.sizeInBytes)) output.remove()
      else {
        const swapIn = await prepareSwap(this.#fileSystem, log.folder, output, next.baseOffset)
        if (log.isClosed) return
        log.replaceSegments(group, swapIn())
      }
    }
  }

  async #copy(log: PartitionLog, source: LogSegment, output: LogSegment, cleaner: BatchCleaner): Promise<void> {
    let pending: Uint8Array[] = []
    let summaries: BatchSummary[] = []
    let bytes = 0
    const write = (): void => {
      if (bytes > 0) output.append(Buffer.concat(pending), summaries, log.config.indexIntervalBytes)
      pending = []
      summaries = []
      bytes = 0
    }
    await this.#visit(log, source, (batch) => {
      const cleaned = cleaner.clean(batch)
      if (cleaned === undefined) return true
      const { lastOffset, maxTimestamp } = batch
      pending.push(cleaned)
      summaries.push({ lastOffset, maxTimestamp, sizeInBytes: cleaned.length })
      bytes += cleaned.length
      if (bytes >= writeBytes) write()
      return true
    })
    write()
  }

  /** Shows all batches of a segment to `visit` until it returns false, giving way to others between slices. */
  async #visit(log: PartitionLog, segment: LogSegment, visit: (batch: RecordBatchReader) => boolean): Promise<void> {
    let position = 0
    let goesOn = true
    while (goesOn && position < segment.sizeInBytes && !this.#isEnding(log)) {
      const sliceEnd = position + sliceBytes
      const end = segment.walk(position, segment.sizeInBytes, (batch, at) => {
        if (at >= sliceEnd) return false
        if (!batch.isCrcValid) throw damaged(log, segment, at)
        goesOn = visit(batch)
        return goesOn
      })
      if (goesOn && end === position) throw damaged(log, segment, position)
      position = end
      await setImmediate()
    }
    log.releaseFile(segment)
  }
}

function bytesOf(segments: readonly LogSegment[]): number {
  return segments.reduce((sum, { sizeInBytes }) => sum + sizeInBytes, 0)
}

/** Neighbours that fit into one segment together. */
function groupBySize(segments: readonly LogSegment[], segmentBytes: number): LogSegment[][] {
  const groups: LogSegment[][] = []
  let bytes = 0
  for (const segment of segments) {
    const group = groups.at(-1)
    bytes += segment.sizeInBytes
    const isNarrow = group !== undefined && segment.baseOffset - group[0]!.baseOffset < 0x7fffffff
    if (group !== undefined && isNarrow && bytes <= segmentBytes) group.push(segment)
    else {
      groups.push([segment])
      bytes = segment.sizeInBytes
    }
  }
  return groups
}

function damaged(log: PartitionLog, segment: LogSegment, position: number): EngineError {
  return new EngineError(
    'CORRUPT_MESSAGE',
    `Partition ${log.name} cannot be compacted: ${segment.path} is damaged at byte ${position}. Nothing was changed. Restore the file from a copy.`,
  )
}
