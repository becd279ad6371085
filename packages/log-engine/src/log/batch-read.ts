import { batchHeaderBytes, RecordBatchReader } from '@millrace/kafka-protocol'
import { EngineError } from '../engine-error.ts'
import type { LocatedBatch, LogSegment } from './log-segment.ts'

/** Batches of one segment, and where to go on. */
export interface BatchRead {
  readonly batches: Uint8Array
  /** The offset after the last batch. */
  readonly nextOffset: number
  readonly nextPosition: number
}

/** How much to read. */
export interface BatchReadLimits {
  readonly maxBytes: number
  /** Exclusive. */
  readonly endOffset: number
  readonly checkCrcs: boolean
  /** Where to: at least so many bytes. */
  readonly allocate: (length: number) => Uint8Array
}

/** Which batches to read. */
export interface BatchReadRequest extends LocatedBatch, BatchReadLimits {
  readonly segment: LogSegment
  /** No compaction has left gaps between the batches: one that does not follow is damaged. */
  readonly isContiguous: boolean
  /** For errors. */
  readonly partition: string
}

/**
 * Reads whole batches, at least one, at most `maxBytes`, all below `endOffset`; undefined when the first is not below it.
 * Damage after the first batch ends the read before it, so that all that is whole can be had.
 * @throws CORRUPT_MESSAGE when the first batch is damaged
 */
export function readBatches(request: BatchReadRequest): BatchRead | undefined {
  const { segment, position, maxBytes, endOffset } = request
  const available = segment.sizeInBytes - position
  let bytes = load(request, Math.min(Math.max(maxBytes, batchHeaderBytes), available))
  const reader = new RecordBatchReader(bytes)
  const needed = reader.pendingBatchBytes ?? 0
  if (needed > bytes.length && needed <= available) {
    bytes = load(request, needed)
    reader.reset(bytes)
  }
  let end = 0
  let nextOffset = request.expectedOffset
  while (isNextWhole(reader) && isSound(reader, nextOffset, request)) {
    if (reader.baseOffset >= endOffset) return end === 0 ? undefined : found()
    end = reader.nextPosition
    nextOffset = reader.lastOffset + 1
  }
  if (end === 0) throw damaged(segment, position, bytes, request.partition)
  return found()

  function found(): BatchRead {
    return { batches: bytes.subarray(0, end), nextOffset, nextPosition: position + end }
  }
}

/** The base offset lies outside the CRC. */
function isSound(batch: RecordBatchReader, expectedOffset: number, request: BatchReadRequest): boolean {
  if (request.isContiguous && batch.baseOffset !== expectedOffset) return false
  return !request.checkCrcs || batch.isCrcValid
}

type Loading = Pick<BatchReadRequest, 'segment' | 'position' | 'allocate'>

function load({ segment, position, allocate }: Loading, length: number): Uint8Array {
  const bytes = allocate(length)
  return bytes.subarray(0, segment.file.read(bytes, 0, length, position))
}

function isNextWhole(reader: RecordBatchReader): boolean {
  try {
    return reader.nextBatch()
  } catch {
    return false
  }
}

function damaged(segment: LogSegment, position: number, bytes: Uint8Array, partition: string): EngineError {
  const next = followingOffset(segment, position, bytes)
  return new EngineError(
    'CORRUPT_MESSAGE',
    `Partition ${partition} is damaged in ${segment.path} at byte ${position}: the length, the offset or the CRC of a record batch is wrong. Nothing was changed. ` +
      (next === undefined
        ? 'Restore the file from a copy, or seek past this segment.'
        : `Restore the file from a copy, or seek to offset ${next}, which is whole.`),
  )
}

/** The base offset of the batch after a damaged one, if the damaged one's length leads to one. */
function followingOffset(segment: LogSegment, position: number, bytes: Uint8Array): number | undefined {
  const size = new RecordBatchReader(bytes).pendingBatchBytes ?? 0
  const next = position + size
  if (size < batchHeaderBytes || next + batchHeaderBytes > segment.sizeInBytes) return undefined
  const reader = new RecordBatchReader(
    load({ segment, position: next, allocate: Buffer.allocUnsafeSlow }, segment.sizeInBytes - next),
  )
  return isNextWhole(reader) && reader.isCrcValid ? reader.baseOffset : undefined
}
