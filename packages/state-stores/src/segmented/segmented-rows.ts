import type { Keyspace } from '../state-engine.ts'
import { Segments } from './segments.ts'

const NO_BYTES = new Uint8Array()

/** How a store with a time index names a row there. */
export type TimeIndexKey = (rowKey: Uint8Array) => Uint8Array

/** Rows in segments, and their time index if the store has one: what the window and the session store share. */
export class SegmentedRows {
  readonly segments: Segments
  readonly #timeIndexKey: TimeIndexKey | undefined

  constructor(retentionMs: number, segmentIntervalMs: number, timeIndexKey: TimeIndexKey | undefined) {
    this.segments = new Segments(retentionMs, segmentIntervalMs, timeIndexKey !== undefined)
    this.#timeIndexKey = timeIndexKey
  }

  /** Moves stream time on and writes the row; null deletes it. False when the segment of that time has expired. */
  write(keyspace: Keyspace, rowKey: Uint8Array, value: Uint8Array | null, timestamp: number): boolean {
    const { segments } = this
    segments.advance(keyspace, timestamp)
    const segmentId = segments.segmentId(timestamp)
    if (!segments.isLive(keyspace, segmentId)) return false
    const key = segments.physicalKey(segmentId, rowKey)
    if (this.#timeIndexKey !== undefined && (value === null || keyspace.get(key) === null)) {
      const indexKey = segments.physicalKey(segmentId, this.#timeIndexKey(rowKey), 'timeIndex')
      keyspace.put(indexKey, value === null ? null : NO_BYTES)
    }
    keyspace.put(key, value)
    return true
  }

  read(keyspace: Keyspace, rowKey: Uint8Array, timestamp: number): Uint8Array | null {
    return keyspace.get(this.segments.physicalKey(this.segments.segmentId(timestamp), rowKey))
  }
}
