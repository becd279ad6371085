import { readOrderedInt64, writeOrderedInt64 } from '../key-schema/int64.ts'

const SEGMENT_SIZE = 8

/**
 * Keys of a cache above a store in segments, so that its entries are in the store's order.
 *
 *   | segment id, int64 BE, sign bit flipped | the store's key |
 *
 * A store without segments counts as one with segments of 1 ms.
 * @see org.apache.kafka.streams.state.internals.SegmentedCacheFunction
 */
export class SegmentedCacheKey {
  readonly #segmentIntervalMs: number

  constructor(segmentIntervalMs: number | undefined) {
    this.#segmentIntervalMs = segmentIntervalMs ?? 1
  }

  segmentId(timestamp: number): number {
    return Math.trunc(timestamp / this.#segmentIntervalMs)
  }

  /** The cache's key for a store's key with that timestamp. */
  of(storeKey: Uint8Array, timestamp: number): Uint8Array {
    return this.inSegment(this.segmentId(timestamp), storeKey)
  }

  inSegment(segmentId: number, storeKey: Uint8Array | null): Uint8Array {
    const bytes = new Uint8Array(SEGMENT_SIZE + (storeKey?.length ?? 0))
    writeOrderedInt64(bytes, 0, segmentId)
    if (storeKey !== null) bytes.set(storeKey, SEGMENT_SIZE)
    return bytes
  }
}

/** The store's key: a view into the cache's. */
export function storeKeyOf(cacheKey: Uint8Array): Uint8Array {
  return cacheKey.subarray(SEGMENT_SIZE)
}

export function segmentIdOf(cacheKey: Uint8Array): number {
  return readOrderedInt64(cacheKey, 0)
}
