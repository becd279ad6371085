import { readInt32, writeInt32 } from '../key-schema/int64.ts'

/**
 * Several values as one.
 *
 *   | 1: sizes vary | count, int32 BE | (size, int32 BE | value)* |
 *
 * @see org.apache.kafka.common.serialization.ListSerializer over byte arrays (same bytes)
 */
export function encodeValueList(values: readonly Uint8Array[]): Uint8Array {
  let size = 5
  for (const value of values) size += 4 + value.length
  const bytes = new Uint8Array(size)
  bytes[0] = 1
  writeInt32(bytes, 1, values.length)
  let at = 5
  for (const value of values) {
    writeInt32(bytes, at, value.length)
    bytes.set(value, at + 4)
    at += 4 + value.length
  }
  return bytes
}

/** The values: views into the bytes. */
export function decodeValueList(bytes: Uint8Array): Uint8Array[] {
  const values: Uint8Array[] = []
  for (let at = 5; at < bytes.length; ) {
    const size = readInt32(bytes, at)
    values.push(bytes.subarray(at + 4, at + 4 + size))
    at += 4 + size
  }
  return values
}
