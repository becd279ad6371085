import { readOrderedInt64, writeOrderedInt64 } from '../key-schema/int64.ts'
import type { Keyspace } from '../state-engine.ts'

/** More segments than this are looked for in the data instead of being tried one by one. */
const MAX_SEGMENTS_TRIED = 16
const PREFIX_SIZE = 8

/**
 * The rows of a keyspace in segments by time, so that expired rows go a segment at a time.
 *
 *   | segment id, int64 BE, sign bit flipped | row key |
 *
 * A row lies in segment `timestamp / segmentIntervalMs` (towards zero). A segment is live until its last timestamp is older
 * than stream time minus retention; when stream time makes a segment expire, its rows are deleted.
 * @see org.apache.kafka.streams.state.internals.AbstractSegments — one RocksDB per segment there, one key prefix here.
 */
export class Segments {
  readonly retentionMs: number
  readonly #segmentIntervalMs: number

  constructor(retentionMs: number, segmentIntervalMs: number) {
    this.retentionMs = retentionMs
    this.#segmentIntervalMs = segmentIntervalMs
  }

  segmentId(timestamp: number): number {
    const id = Math.trunc(timestamp / this.#segmentIntervalMs)
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

  get(keyspace: Keyspace, segmentId: number, rowKey: Uint8Array): Uint8Array | null {
    return keyspace.get(prefixed(segmentId, rowKey))
  }

  put(keyspace: Keyspace, segmentId: number, rowKey: Uint8Array, value: Uint8Array | null): void {
    keyspace.put(prefixed(segmentId, rowKey), value)
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
}

/** A row's physical key; without a row key, the bound below all rows of the segment. */
export function prefixed(segmentId: number, rowKey: Uint8Array | null): Uint8Array {
  if (rowKey === null) return segmentPrefix(segmentId)
  const bytes = new Uint8Array(PREFIX_SIZE + rowKey.length)
  writeOrderedInt64(bytes, 0, segmentId)
  bytes.set(rowKey, PREFIX_SIZE)
  return bytes
}

/** The row key of a physical key: a view into it. */
export function rowKeyOf(physicalKey: Uint8Array): Uint8Array {
  return physicalKey.subarray(PREFIX_SIZE)
}

/** Not before any row of the segment up to a row key; null: all its rows. */
export function upperBound(segmentId: number, rowKey: Uint8Array | null): Uint8Array {
  return rowKey === null ? segmentPrefix(segmentId + 1) : prefixed(segmentId, rowKey)
}

function segmentPrefix(segmentId: number): Uint8Array {
  const bytes = new Uint8Array(PREFIX_SIZE)
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
