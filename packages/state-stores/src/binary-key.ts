/**
 * Key bytes as a string of one character a byte (U+0000 to U+00FF). Such strings are cheap keys of a Map, and comparing
 * two of them with `<` compares the bytes as unsigned numbers.
 */
export type BinaryKey = string

type Latin1Slice = (this: Uint8Array, start: number, end: number) => string

// Node's method works on any Uint8Array, but is declared for Buffer only (and not in every version of its types).
const latin1Slice: Latin1Slice = (Buffer.prototype as unknown as { latin1Slice: Latin1Slice }).latin1Slice

/** The binary key of some bytes. */
export function toBinaryKey(bytes: Uint8Array): BinaryKey {
  return latin1Slice.call(bytes, 0, bytes.length)
}

/** The bytes of a binary key, in a buffer that nobody else writes to. */
export function fromBinaryKey(key: BinaryKey): Uint8Array {
  return Buffer.from(key, 'latin1')
}

/** Negative, zero or positive as `a` is before, equal to or after `b` in the order of unsigned bytes. */
export function compareBytes(a: Uint8Array, b: Uint8Array): number {
  return Buffer.compare(a, b)
}

/** The smallest key that is larger than every key with this prefix; null when there is none (empty, or all bytes 255). */
export function afterPrefix(prefix: Uint8Array): Uint8Array | null {
  let length = prefix.length
  while (length > 0 && prefix[length - 1] === 0xff) length--
  if (length === 0) return null
  // Not slice(): a Buffer's gives a view.
  const next = new Uint8Array(prefix.subarray(0, length))
  next[length - 1] = next[length - 1]! + 1
  return next
}
