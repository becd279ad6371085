import { readInt64, writeInt64 } from '../key-schema/int64.ts'
import type { Segments } from '../segmented/segments.ts'
import type { Keyspace } from '../state-engine.ts'
import type { Version } from './version-row.ts'

/** Lies after the prefix of every segment, so that the expiry of segments never reaches it. */
const LATEST_PREFIX = 0xff
const TIMESTAMP_SIZE = 8

/**
 * Where a versioned store keeps its data: the latest version of each key by itself, older versions in segments by the end of
 * their validity.
 *
 *   latest:  | 255 | key |                  →  | timestamp, int64 BE | value |
 *   older:   | segment id (8 bytes) | key |  →  a {@link VersionRow}
 */
export class VersionedRows {
  readonly segments: Segments
  readonly #keyspace: Keyspace

  constructor(keyspace: Keyspace, segments: Segments) {
    this.#keyspace = keyspace
    this.segments = segments
  }

  get streamTime(): number {
    return this.#keyspace.streamTime
  }

  latest(key: Uint8Array): (Version & { readonly value: Uint8Array }) | null {
    const bytes = this.#keyspace.get(latestKey(key))
    return bytes === null ? null : { timestamp: readInt64(bytes, 0), value: bytes.subarray(TIMESTAMP_SIZE) }
  }

  /** A null value leaves the key without a latest version. */
  putLatest(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    if (value === null) {
      this.#keyspace.put(latestKey(key), null)
      return
    }
    const bytes = new Uint8Array(TIMESTAMP_SIZE + value.length)
    writeInt64(bytes, 0, timestamp)
    bytes.set(value, TIMESTAMP_SIZE)
    this.#keyspace.put(latestKey(key), bytes)
  }

  row(segmentId: number, key: Uint8Array): Uint8Array | null {
    return this.#keyspace.get(this.segments.physicalKey(segmentId, key))
  }

  putRow(segmentId: number, key: Uint8Array, row: Uint8Array): void {
    this.#keyspace.put(this.segments.physicalKey(segmentId, key), row)
  }

  isLive(segmentId: number): boolean {
    return this.segments.isLive(this.#keyspace, segmentId)
  }

  /** Ids of the live segments that may hold versions whose validity ends at or after a time. */
  segmentIds(from: number, forward: boolean): number[] {
    return this.segments.between(this.#keyspace, from, Number.POSITIVE_INFINITY, forward)
  }

  advance(timestamp: number): void {
    this.segments.advance(this.#keyspace, timestamp)
  }
}

function latestKey(key: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(key.length + 1)
  bytes[0] = LATEST_PREFIX
  bytes.set(key, 1)
  return bytes
}
