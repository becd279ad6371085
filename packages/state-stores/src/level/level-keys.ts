import { toBinaryKey } from '../binary-key.ts'
import { readOrderedInt64, writeOrderedInt64 } from '../key-schema/int64.ts'
import { copyBytes, newBytes } from '../new-bytes.ts'

const NO_BYTES = new Uint8Array()

/**
 * The keys of a state directory's LevelDB.
 *
 *   | 0 0 | 0 |                                →  the commit record, JSON
 *   | 0 0 | 1 | batch number, int64 BE |       →  empty: the batch was written
 *   | store id, uint16 BE, from 1 | key |      →  value
 */
export const COMMIT_RECORD_KEY: Uint8Array = Uint8Array.of(0, 0, 0)

/** Marks that a batch was written. */
export function markerKey(sequence: number): Uint8Array {
  const key = new Uint8Array(11)
  key[2] = 1
  writeOrderedInt64(key, 3, sequence)
  return key
}

export function markerSequence(key: Uint8Array): number {
  return readOrderedInt64(key, 3)
}

/** All markers lie from the first (inclusive) to the second (exclusive). */
export const MARKER_BOUNDS = { gte: Uint8Array.of(0, 0, 1), lt: Uint8Array.of(0, 0, 2) } as const

/** A store's key as it is in LevelDB. */
export function levelKey(storeId: number, key: Uint8Array): Uint8Array {
  const bytes = newBytes(2 + key.length)
  bytes[0] = storeId >> 8
  bytes[1] = storeId
  copyBytes(key, bytes, 2)
  return bytes
}

/** The bounds of all keys of a store. */
export function storeBounds(storeId: number): { readonly gte: Uint8Array; readonly lt: Uint8Array } {
  return { gte: levelKey(storeId, NO_BYTES), lt: levelKey(storeId + 1, NO_BYTES) }
}

/** The store's key of a key in LevelDB. */
export function unprefixed(levelKey: Uint8Array): string {
  return toBinaryKey(levelKey.subarray(2))
}
