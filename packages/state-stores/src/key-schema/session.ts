import { copyBytes, newBytes } from '../new-bytes.ts'
import { readInt64, writeInt64 } from './int64.ts'
import { lowerRange, upperRange } from './ordered-bytes.ts'

const SUFFIX_SIZE = 16

/**
 * Key of one session of one key, ordered by key bytes, then session end, then start. Also the key of its changelog record.
 *
 *   | key (n bytes) | session end, Unix ms, int64 BE | session start, Unix ms, int64 BE |
 *
 * The end comes first because a search asks for sessions which end at or after a time, in one range.
 * @see org.apache.kafka.streams.state.internals.SessionKeySchema (same bytes)
 */
export function sessionKey(key: Uint8Array, start: number, end: number): Uint8Array {
  const bytes = newBytes(key.length + SUFFIX_SIZE)
  copyBytes(key, bytes, 0)
  writeInt64(bytes, key.length, end)
  writeInt64(bytes, key.length + 8, start)
  return bytes
}

/** The key bytes of a session key: a view into it. */
export function sessionKeyBytes(sessionKey: Uint8Array): Uint8Array {
  return sessionKey.subarray(0, sessionKey.length - SUFFIX_SIZE)
}

/** The session's start, Unix ms. */
export function sessionStart(sessionKey: Uint8Array): number {
  return readInt64(sessionKey, sessionKey.length - 8)
}

/** The session's end, Unix ms, inclusive. */
export function sessionEnd(sessionKey: Uint8Array): number {
  return readInt64(sessionKey, sessionKey.length - SUFFIX_SIZE)
}

/** Not after any session of a key that is not before `key`; null for null. */
export function sessionLowerRange(key: Uint8Array | null): Uint8Array | null {
  return key === null ? null : lowerRange(key, SUFFIX_SIZE)
}

/** Not before any session, starting up to a time, of a key that is not after `key`; null for null. */
export function sessionUpperRange(key: Uint8Array | null, latestStart: number): Uint8Array | null {
  if (key === null) return null
  return upperRange(key, sessionKey(new Uint8Array(), latestStart, Number.POSITIVE_INFINITY))
}
