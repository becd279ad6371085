/** What numbers beyond the safe integers stand for: the ends of Java's `long`. */
const LONG_MAX = 2 ** 63

/**
 * Writes an integer as | int64 BE |. A number beyond the safe integers is written as the largest (or smallest) `long`, so that
 * `Infinity` and `Number.MAX_VALUE` are open ends of time ranges.
 */
export function writeInt64(bytes: Uint8Array, offset: number, value: number): void {
  let high: number
  let low: number
  if (value > Number.MAX_SAFE_INTEGER) {
    high = 0x7fff_ffff
    low = -1
  } else if (value < -Number.MAX_SAFE_INTEGER) {
    high = 0x8000_0000
    low = 0
  } else {
    high = Math.floor(value / 0x1_0000_0000)
    low = value | 0
    if (low !== value) low = value - high * 0x1_0000_0000
  }
  bytes[offset] = high >>> 24
  bytes[offset + 1] = high >>> 16
  bytes[offset + 2] = high >>> 8
  bytes[offset + 3] = high
  bytes[offset + 4] = low >>> 24
  bytes[offset + 5] = low >>> 16
  bytes[offset + 6] = low >>> 8
  bytes[offset + 7] = low
}

/** Reads | int64 BE |. What does not fit a safe integer comes back as ±2^63 rounded, which `writeInt64` writes as it was. */
export function readInt64(bytes: Uint8Array, offset: number): number {
  const value = readInt32(bytes, offset) * 0x1_0000_0000 + (readInt32(bytes, offset + 4) >>> 0)
  return value > Number.MAX_SAFE_INTEGER ? LONG_MAX : value
}

/** As {@link writeInt64} with the sign bit flipped, so that the order of the bytes is the order of the numbers. */
export function writeOrderedInt64(bytes: Uint8Array, offset: number, value: number): void {
  writeInt64(bytes, offset, value)
  bytes[offset] = bytes[offset]! ^ 0x80
}

/** Reads what {@link writeOrderedInt64} wrote. */
export function readOrderedInt64(bytes: Uint8Array, offset: number): number {
  const high = readInt32(bytes, offset) ^ 0x8000_0000
  const value = high * 0x1_0000_0000 + (readInt32(bytes, offset + 4) >>> 0)
  return value > Number.MAX_SAFE_INTEGER ? LONG_MAX : value
}

export function writeInt32(bytes: Uint8Array, offset: number, value: number): void {
  bytes[offset] = value >>> 24
  bytes[offset + 1] = value >>> 16
  bytes[offset + 2] = value >>> 8
  bytes[offset + 3] = value
}

export function readInt32(bytes: Uint8Array, offset: number): number {
  return (bytes[offset]! << 24) | (bytes[offset + 1]! << 16) | (bytes[offset + 2]! << 8) | bytes[offset + 3]!
}
