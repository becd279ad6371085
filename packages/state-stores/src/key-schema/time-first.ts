import { copyBytes, newBytes } from '../new-bytes.ts'
import { readInt32, readInt64, writeInt32, writeInt64 } from './int64.ts'

/**
 * Row of a window store's time index: the parts of a window key in the order of time.
 *
 *   | window start, Unix ms, int64 BE | key (n bytes) | sequence number, int32 BE |
 *
 * @see org.apache.kafka.streams.state.internals.PrefixedWindowKeySchemas.TimeFirstWindowKeySchema — the same after its prefix byte.
 */
export function timeFirstWindowKey(key: Uint8Array, start: number, seqnum: number): Uint8Array {
  const bytes = newBytes(key.length + 12)
  writeInt64(bytes, 0, start)
  copyBytes(key, bytes, 8)
  writeInt32(bytes, key.length + 8, seqnum)
  return bytes
}

export function timeFirstWindowKeyBytes(row: Uint8Array): Uint8Array {
  return row.subarray(8, row.length - 4)
}

export function timeFirstWindowStart(row: Uint8Array): number {
  return readInt64(row, 0)
}

export function timeFirstWindowSeqnum(row: Uint8Array): number {
  return readInt32(row, row.length - 4)
}

/**
 * Row of a session store's time index: the parts of a session key in the order of time.
 *
 *   | session end, Unix ms, int64 BE | session start, Unix ms, int64 BE | key (n bytes) |
 *
 * @see org.apache.kafka.streams.state.internals.PrefixedSessionKeySchemas.TimeFirstSessionKeySchema — the same after its prefix byte.
 */
export function timeFirstSessionKey(key: Uint8Array, start: number, end: number): Uint8Array {
  const bytes = newBytes(key.length + 16)
  writeInt64(bytes, 0, end)
  writeInt64(bytes, 8, start)
  copyBytes(key, bytes, 16)
  return bytes
}

export function timeFirstSessionKeyBytes(row: Uint8Array): Uint8Array {
  return row.subarray(16)
}

export function timeFirstSessionStart(row: Uint8Array): number {
  return readInt64(row, 8)
}

export function timeFirstSessionEnd(row: Uint8Array): number {
  return readInt64(row, 0)
}
