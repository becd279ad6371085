import { copyBytes, newBytes } from '../new-bytes.ts'
import { readInt32, readInt64, writeInt32, writeInt64 } from './int64.ts'
import { lowerRange, upperRange } from './ordered-bytes.ts'

const SUFFIX_SIZE = 12
export const MAX_SEQNUM = 0x7fff_ffff

let lastKey: Uint8Array | undefined
let lastStart = 0
let lastSeqnum = 0
let lastWindowKey: Uint8Array = new Uint8Array()

/**
 * Key of one window of one key, ordered by key bytes, then window start. Also the key of its changelog record.
 *
 *   | key (n bytes) | window start, Unix ms, int64 BE | sequence number, int32 BE |
 *
 * The sequence number is 0 unless the store retains duplicates.
 * @see org.apache.kafka.streams.state.internals.WindowKeySchema (same bytes)
 */
export function windowKey(key: Uint8Array, start: number, seqnum: number): Uint8Array {
  // An aggregation reads a window, writes it and logs it: three times the same key, which nobody changes.
  if (key === lastKey && start === lastStart && seqnum === lastSeqnum) return lastWindowKey
  const bytes = newBytes(key.length + SUFFIX_SIZE)
  copyBytes(key, bytes, 0)
  writeInt64(bytes, key.length, start)
  writeInt32(bytes, key.length + 8, seqnum)
  lastKey = key
  lastStart = start
  lastSeqnum = seqnum
  lastWindowKey = bytes
  return bytes
}

/** The key bytes of a window key: a view into it. */
export function windowKeyBytes(windowKey: Uint8Array): Uint8Array {
  return windowKey.subarray(0, windowKey.length - SUFFIX_SIZE)
}

/** The window's start, Unix ms. */
export function windowStart(windowKey: Uint8Array): number {
  return readInt64(windowKey, windowKey.length - SUFFIX_SIZE)
}

export function windowSeqnum(windowKey: Uint8Array): number {
  return readInt32(windowKey, windowKey.length - 4)
}

/** Not after any window of a key that is not before `key`; null for null. */
export function windowLowerRange(key: Uint8Array | null): Uint8Array | null {
  return key === null ? null : lowerRange(key, SUFFIX_SIZE)
}

/** Not before any window, up to a start, of a key that is not after `key`; null for null. */
export function windowUpperRange(key: Uint8Array | null, to: number): Uint8Array | null {
  if (key === null) return null
  return upperRange(key, windowKey(new Uint8Array(), to, MAX_SEQNUM))
}
