import { readInt32, readOrderedInt64, writeInt32, writeOrderedInt64 } from './int64.ts'

const TIME_SIZE = 8

/**
 * Key of one window of one key, ordered by window start, then key bytes.
 *
 *   | window start, Unix ms, int64 BE, sign bit flipped | key (n bytes) | sequence number, int32 BE, with duplicates only |
 *
 * Not a format of Kafka: Java's in-memory store is a map of maps in this order.
 */
export function timeKey(time: number, key: Uint8Array, seqnum: number | undefined): Uint8Array {
  const bytes = new Uint8Array(TIME_SIZE + key.length + (seqnum === undefined ? 0 : 4))
  writeOrderedInt64(bytes, 0, time)
  bytes.set(key, TIME_SIZE)
  if (seqnum !== undefined) writeInt32(bytes, TIME_SIZE + key.length, seqnum)
  return bytes
}

/** Not after any key of that time or later. */
export function timePrefix(time: number): Uint8Array {
  const bytes = new Uint8Array(TIME_SIZE)
  writeOrderedInt64(bytes, 0, time)
  return bytes
}

export function timeKeyTime(timeKey: Uint8Array): number {
  return readOrderedInt64(timeKey, 0)
}

/** The key bytes: a view. */
export function timeKeyBytes(timeKey: Uint8Array, hasSeqnum: boolean): Uint8Array {
  return timeKey.subarray(TIME_SIZE, hasSeqnum ? timeKey.length - 4 : timeKey.length)
}

export function timeKeySeqnum(timeKey: Uint8Array): number {
  return readInt32(timeKey, timeKey.length - 4)
}
