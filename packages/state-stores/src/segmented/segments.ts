import { readOrderedInt64, writeOrderedInt64 } from '../key-schema/int64.ts'
import { copyBytes, newBytes } from '../new-bytes.ts'
import type { Keyspace } from '../state-engine.ts'

/** More segments than this are looked for in the data instead of being tried one by one. */
const MAX_SEGMENTS_TRIED = 16
const ID_SIZE = 8

/** Which rows of a segment: those with the values, ordered by key; or those of the time index, whose values are empty. */
export type RowSpace = 'rows' | 'timeIndex'

/**
 * The rows of a keyspace in segments by time, so that expired rows go a segment at a time.
 *
 *   | segment id, int64 BE, sign bit flipped | row key |                                    without a time index
 *   | segment id, int64 BE, sign bit flipped | 0: time index, 1: rows | row key |           with one
 *
 * A row lies in segment `timestamp / segmentIntervalMs` (towards zero). A segment is live until its last timestamp is older
 * than stream time minus retention; when stream time makes a segment expire, its rows are deleted.
 * @see org.apache.kafka.streams.state.internals.AbstractSegments — one RocksDB per segment there, one key prefix here.
 */
export class Segments {
  readonly retentionMs: number
  readonly segmentIntervalMs: number
  readonly #prefixSize: number
  /** What `physicalKey` gave last: a row is mostly read and then written. */
  #lastRowKey: Uint8Array | undefined
  #lastSegmentId = 0
  #lastSpace: RowSpace = 'rows'
  #lastPhysicalKey: Uint8Array = new Uint8Array()

  constructor(retentionMs: number, segmentIntervalMs: number, hasTimeIndex = false) {
    this.retentionMs = retentionMs
    this.segmentIntervalMs = segmentIntervalMs
    this.#prefixSize = hasTimeIndex ? ID_SIZE + 1 : ID_SIZE
  }

  segmentId(timestamp: number): number {
    const id = Math.trunc(timestamp / this.segmentIntervalMs)
    return Number.isSafeInteger(id) ? id : id < 0 ? -Number.MAX_SAFE_INTEGER : Number.MAX_SAFE_INTEGER
  }

  /** Moves stream time on, if the timestamp is newer, and deletes the segments which that makes expire. */
  advance(keyspace: Keyspace, timestamp: number): void {
    const before = keyspace.streamTime
    if (timestamp <= before) return
    keyspace.streamTime = timestamp
    const minLive = this.#minLiveSegment(timestamp)
    if (minLive > this.#minLiveSegment(before)) keyspace.deleteRange(null, segmentPrefix(minLive))
  }

  isLive(keyspace: Keyspace, segmentId: number): boolean {
    return segmentId >= this.#minLiveSegment(keyspace.streamTime)
  }

  /** A row's key in the keyspace. */
  physicalKey(segmentId: number, rowKey: Uint8Array, space: RowSpace = 'rows'): Uint8Array {
    if (rowKey === this.#lastRowKey && segmentId === this.#lastSegmentId && space === this.#lastSpace) {
      return this.#lastPhysicalKey
    }
    const bytes = newBytes(this.#prefixSize + rowKey.length)
    this.#writePrefix(bytes, segmentId, space)
    copyBytes(rowKey, bytes, this.#prefixSize)
    this.#lastRowKey = rowKey
    this.#lastSegmentId = segmentId
    this.#lastSpace = space
    this.#lastPhysicalKey = bytes
    return bytes
  }

  /** The row key of a key in the keyspace: a view into it. */
  rowKey(physicalKey: Uint8Array): Uint8Array {
    return physicalKey.subarray(this.#prefixSize)
  }

  /** Not after any row of the segment from a row key on; null: all its rows. */
  lowerBound(segmentId: number, rowKey: Uint8Array | null, space: RowSpace): Uint8Array {
    return this.physicalKey(segmentId, rowKey ?? new Uint8Array(), space)
  }

  /** Not before any row of the segment up to a row key; null: all its rows. Row keys are not empty. */
  upperBound(segmentId: number, rowKey: Uint8Array | null, space: RowSpace): Uint8Array {
    if (rowKey !== null) return this.physicalKey(segmentId, rowKey, space)
    if (this.#prefixSize > ID_SIZE && space === 'timeIndex') return this.lowerBound(segmentId, null, 'rows')
    return segmentPrefix(segmentId + 1)
  }

  /** The segments with rows between two timestamps, in order; more than those with rows may be among them. */
  between(keyspace: Keyspace, from: number, to: number, forward: boolean): number[] {
    const first = Math.max(this.segmentId(from), this.#minLiveSegment(keyspace.streamTime))
    const last = Math.min(this.segmentId(to), this.segmentId(keyspace.streamTime))
    const ids: number[] = []
    if (last - first < MAX_SEGMENTS_TRIED) {
      for (let id = first; id <= last; id++) ids.push(id)
    } else {
      for (let id = firstSegment(keyspace, first); id <= last; id = firstSegment(keyspace, id + 1)) ids.push(id)
    }
    return forward ? ids : ids.reverse()
  }

  #minLiveSegment(streamTime: number): number {
    return this.segmentId(streamTime - this.retentionMs)
  }

  #writePrefix(bytes: Uint8Array, segmentId: number, space: RowSpace): void {
    writeOrderedInt64(bytes, 0, segmentId)
    if (this.#prefixSize > ID_SIZE) bytes[ID_SIZE] = space === 'rows' ? 1 : 0
  }
}

function segmentPrefix(segmentId: number): Uint8Array {
  const bytes = new Uint8Array(ID_SIZE)
  writeOrderedInt64(bytes, 0, segmentId)
  return bytes
}

/** The first segment with rows at or after an id; Infinity if there is none. */
function firstSegment(keyspace: Keyspace, from: number): number {
  const rows = keyspace.range(segmentPrefix(from), null)
  const key = rows.peekNextKey()
  rows.close()
  return key === undefined ? Number.POSITIVE_INFINITY : readOrderedInt64(key, 0)
}
