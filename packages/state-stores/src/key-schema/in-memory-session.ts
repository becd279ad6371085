import { readOrderedInt64, writeOrderedInt64 } from './int64.ts'

const TIME_SIZE = 8

/**
 * Key of one session of one key, ordered by session end, then key bytes, then start, latest first.
 *
 *   | end, Unix ms, int64 BE, sign bit flipped | key, escaped | 0 0 | −start, int64 BE, sign bit flipped |
 *
 * A byte 0 of the key is written as 0 255, so that no key can run into the start of another one's session.
 * Not a format of Kafka: Java's in-memory store is a map of maps in this order.
 */
export function endKey(key: Uint8Array, start: number, end: number): Uint8Array {
  const head = endKeyPrefix(key, end)
  const bytes = new Uint8Array(head.length + TIME_SIZE)
  bytes.set(head)
  writeOrderedInt64(bytes, head.length, -start)
  return bytes
}

/** What all sessions of a key with that end begin with. */
export function endKeyPrefix(key: Uint8Array, end: number): Uint8Array {
  let zeros = 0
  for (const byte of key) if (byte === 0) zeros++
  const bytes = new Uint8Array(TIME_SIZE + key.length + zeros + 2)
  writeOrderedInt64(bytes, 0, end)
  let at = TIME_SIZE
  for (const byte of key) {
    bytes[at++] = byte
    if (byte === 0) bytes[at++] = 0xff
  }
  return bytes
}

export function endKeyEnd(endKey: Uint8Array): number {
  return readOrderedInt64(endKey, 0)
}

export function endKeyStart(endKey: Uint8Array): number {
  // Adding 0 turns −0 into 0.
  return -readOrderedInt64(endKey, endKey.length - TIME_SIZE) + 0
}

/** The key bytes: a copy. */
export function endKeyBytes(endKey: Uint8Array): Uint8Array {
  const escaped = endKey.subarray(TIME_SIZE, endKey.length - TIME_SIZE - 2)
  const bytes = new Uint8Array(escaped.length)
  let length = 0
  for (let i = 0; i < escaped.length; i++) {
    bytes[length++] = escaped[i]!
    if (escaped[i] === 0) i++
  }
  return bytes.subarray(0, length)
}
