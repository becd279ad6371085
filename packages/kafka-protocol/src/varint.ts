// Zig-zag variable-length integers, as records use them: | 7 bits, low first, high bit set when more follow | … |
// The signed value n is stored as 2n when n >= 0 and as -2n - 1 when n < 0.

/** Bytes that `value` (a safe integer) takes as a zig-zag varint: 1 to 8. */
export function sizeOfVarint(value: number): number {
  if (value === value << 0) {
    const zigzag = ((value << 1) ^ (value >> 31)) >>> 0
    if (zigzag < 0x80) return 1
    if (zigzag < 0x4000) return 2
    if (zigzag < 0x200000) return 3
    return zigzag < 0x10000000 ? 4 : 5
  }
  let size = 1
  for (let rest = toZigzag(value); rest >= 128; rest = Math.floor(rest / 128)) size++
  return size
}

/** Writes `value` (a safe integer) at `at`; returns the position after it. */
export function writeVarint(bytes: Uint8Array, at: number, value: number): number {
  let position = at
  if (value === value << 0) {
    let zigzag = ((value << 1) ^ (value >> 31)) >>> 0
    while (zigzag >= 0x80) {
      bytes[position++] = (zigzag & 0x7f) | 0x80
      zigzag >>>= 7
    }
    bytes[position++] = zigzag
    return position
  }
  let rest = toZigzag(value)
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes[position++] = (rest % 128) | 0x80
  bytes[position++] = rest
  return position
}

/** Beyond 32 bits; inexact only above 2^52, which neither a timestamp nor an offset delta reaches. */
function toZigzag(value: number): number {
  return value >= 0 ? value * 2 : -value * 2 - 1
}

/** Reads zig-zag varints from bytes, keeping the position. */
export class VarintReader {
  /** Position of the next byte. */
  position = 0
  #bytes: Uint8Array

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
  }

  /** Goes on in other bytes. */
  reset(bytes: Uint8Array, position: number): void {
    this.#bytes = bytes
    this.position = position
  }

  /** The next varint; NaN when the bytes end within it or it is longer than ten bytes. */
  next(): number {
    const bytes = this.#bytes
    let position = this.position
    let byte = bytes[position++]!
    let low = byte & 0x7f
    let shift = 7
    while (byte >= 0x80 && shift < 28) {
      byte = bytes[position++]!
      low |= (byte & 0x7f) << shift
      shift += 7
    }
    if (byte < 0x80) {
      this.position = position
      return (low >>> 1) ^ -(low & 1)
    }
    let wide = low
    let unit = 2 ** 28
    while (byte >= 0x80 && shift < 70) {
      byte = bytes[position++]!
      wide += (byte & 0x7f) * unit
      unit *= 128
      shift += 7
    }
    this.position = position
    if (!(byte < 0x80)) return Number.NaN
    return wide % 2 === 0 ? wide / 2 : -(wide + 1) / 2
  }
}
