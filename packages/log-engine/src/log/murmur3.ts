const c1 = 0x239b961b
const c2 = 0xab0e9789
const c3 = 0x38b34ae5
const c4 = 0xa1e38b93

/**
 * murmur3, 128 bits, of the bytes from `start` on, as four signed numbers put into `target`. Two different keys may be
 * taken for equal by it: with as many as five million keys once in 10^25.
 */
export function murmur3(bytes: Uint8Array, start: number, length: number, target: Int32Array): void {
  let h1 = 0
  let h2 = 0
  let h3 = 0
  let h4 = 0
  const end = start + (length & ~15)
  for (let at = start; at < end; at += 16) {
    h1 ^= mix(word(bytes, at), c1, 15, c2)
    h1 = (Math.imul((rotate(h1, 19) + h2) | 0, 5) + 0x561ccd1b) | 0
    h2 ^= mix(word(bytes, at + 4), c2, 16, c3)
    h2 = (Math.imul((rotate(h2, 17) + h3) | 0, 5) + 0x0bcaa747) | 0
    h3 ^= mix(word(bytes, at + 8), c3, 17, c4)
    h3 = (Math.imul((rotate(h3, 15) + h4) | 0, 5) + 0x96cd1c35) | 0
    h4 ^= mix(word(bytes, at + 12), c4, 18, c1)
    h4 = (Math.imul((rotate(h4, 13) + h1) | 0, 5) + 0x32ac3b17) | 0
  }
  const rest = length & 15
  if (rest > 12) h4 ^= mix(partialWord(bytes, end + 12, rest - 12), c4, 18, c1)
  if (rest > 8) h3 ^= mix(partialWord(bytes, end + 8, Math.min(rest - 8, 4)), c3, 17, c4)
  if (rest > 4) h2 ^= mix(partialWord(bytes, end + 4, Math.min(rest - 4, 4)), c2, 16, c3)
  if (rest > 0) h1 ^= mix(partialWord(bytes, end, Math.min(rest, 4)), c1, 15, c2)
  h1 ^= length
  h2 ^= length
  h3 ^= length
  h4 ^= length
  h1 = (h1 + h2 + h3 + h4) | 0
  h2 = finish((h2 + h1) | 0)
  h3 = finish((h3 + h1) | 0)
  h4 = finish((h4 + h1) | 0)
  h1 = (finish(h1) + h2 + h3 + h4) | 0
  target[0] = h1
  target[1] = h2 + h1
  target[2] = h3 + h1
  target[3] = h4 + h1
}

function word(bytes: Uint8Array, at: number): number {
  return bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
}

function partialWord(bytes: Uint8Array, at: number, length: number): number {
  let value = 0
  for (let i = length - 1; i >= 0; i--) value = (value << 8) | bytes[at + i]!
  return value
}

function mix(value: number, multiplier: number, bits: number, next: number): number {
  return Math.imul(rotate(Math.imul(value, multiplier), bits), next)
}

function rotate(value: number, bits: number): number {
  return (value << bits) | (value >>> (32 - bits))
}

function finish(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = Math.imul(hash, 0x85ebca6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}
