/** An unsigned integer of 64 bits as two halves; operations change it in place, modulo 2^64. */
class Word64 {
  hi = 0
  lo = 0

  set(hi: number, lo: number): void {
    this.hi = hi | 0
    this.lo = lo | 0
  }

  xor(hi: number, lo: number): void {
    this.hi ^= hi
    this.lo ^= lo
  }

  add(hi: number, lo: number): void {
    const sum = (this.lo >>> 0) + (lo >>> 0)
    this.hi = (this.hi + hi + (sum > 0xffff_ffff ? 1 : 0)) | 0
    this.lo = sum | 0
  }

  multiply(hi: number, lo: number): void {
    const a0 = this.lo & 0xffff
    const a1 = this.lo >>> 16
    const b0 = lo & 0xffff
    const b1 = lo >>> 16
    const middle = a0 * b1 + a1 * b0
    const low = a0 * b0 + (middle % 0x1_0000) * 0x1_0000
    const carry = Math.floor(middle / 0x1_0000) + Math.floor(low / 0x1_0000_0000)
    this.hi = (a1 * b1 + carry + Math.imul(this.hi, lo) + Math.imul(this.lo, hi)) | 0
    this.lo = low | 0
  }

  /** By 1 to 31, or 33, bits. */
  rotateLeft(bits: number): void {
    const [hi, lo] = bits < 32 ? [this.hi, this.lo] : [this.lo, this.hi]
    const shift = bits % 32
    this.hi = (hi << shift) | (lo >>> (32 - shift))
    this.lo = (lo << shift) | (hi >>> (32 - shift))
  }

  /** The finalizer: every bit of the input changes each bit of the output with the same probability. */
  mix(): void {
    this.xor(0, this.hi >>> 1)
    this.multiply(0xff51_afd7, 0xed55_8ccd)
    this.xor(0, this.hi >>> 1)
    this.multiply(0xc4ce_b9fe, 0x1a85_ec53)
    this.xor(0, this.hi >>> 1)
  }
}

const seed = 104_729
const h1 = new Word64()
const h2 = new Word64()
const k = new Word64()

/** Four bytes from `at`, little-endian; bytes beyond the end are 0. */
function read32(bytes: Uint8Array, at: number): number {
  return (bytes[at] ?? 0) | ((bytes[at + 1] ?? 0) << 8) | ((bytes[at + 2] ?? 0) << 16) | ((bytes[at + 3] ?? 0) << 24)
}

function mixFirst(bytes: Uint8Array, at: number): void {
  k.set(read32(bytes, at + 4), read32(bytes, at))
  k.multiply(0x87c3_7b91, 0x1142_53d5)
  k.rotateLeft(31)
  k.multiply(0x4cf5_ad43, 0x2745_937f)
  h1.xor(k.hi, k.lo)
}

function mixSecond(bytes: Uint8Array, at: number): void {
  k.set(read32(bytes, at + 4), read32(bytes, at))
  k.multiply(0x4cf5_ad43, 0x2745_937f)
  k.rotateLeft(33)
  k.multiply(0x87c3_7b91, 0x1142_53d5)
  h2.xor(k.hi, k.lo)
}

/**
 * Murmur3 of 128 bits (x64 variant, seed 104729): 16 bytes, both halves big-endian.
 * @see org.apache.kafka.streams.state.internals.Murmur3#hash128
 */
export function murmur3(bytes: Uint8Array): Uint8Array {
  const { length } = bytes
  const blocksEnd = length - (length % 16)
  h1.set(0, seed)
  h2.set(0, seed)
  for (let at = 0; at < blocksEnd; at += 16) {
    mixFirst(bytes, at)
    h1.rotateLeft(27)
    h1.add(h2.hi, h2.lo)
    h1.multiply(0, 5)
    h1.add(0, 0x52dc_e729)
    mixSecond(bytes, at + 8)
    h2.rotateLeft(31)
    h2.add(h1.hi, h1.lo)
    h2.multiply(0, 5)
    h2.add(0, 0x3849_5ab5)
  }
  if (length - blocksEnd > 8) mixSecond(bytes, blocksEnd + 8)
  if (length > blocksEnd) mixFirst(bytes, blocksEnd)
  h1.xor(0, length)
  h2.xor(0, length)
  h1.add(h2.hi, h2.lo)
  h2.add(h1.hi, h1.lo)
  h1.mix()
  h2.mix()
  h1.add(h2.hi, h2.lo)
  h2.add(h1.hi, h1.lo)
  const hash = new Uint8Array(16)
  const view = new DataView(hash.buffer)
  view.setInt32(0, h1.hi)
  view.setInt32(4, h1.lo)
  view.setInt32(8, h2.hi)
  view.setInt32(12, h2.lo)
  return hash
}
