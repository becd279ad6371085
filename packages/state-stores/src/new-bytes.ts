/** V8 keeps typed arrays up to this size in its own heap, where they cost little. */
export const SMALL_BYTES = 64
/** Larger ones have a buffer of their own: what one value of a pool keeps alive stays small. */
const POOLED_BYTES = 1024

/**
 * Bytes to be written in full by the caller; what is in them at first is not defined. A typed array of between 65 and some
 * hundred bytes with a buffer of its own costs about a microsecond, a piece of Node's pool a thirtieth of that.
 */
export function newBytes(length: number): Uint8Array {
  return length > SMALL_BYTES && length <= POOLED_BYTES ? Buffer.allocUnsafe(length) : new Uint8Array(length)
}

/** Writes all of `source` into `target` from an offset on. */
export function copyBytes(source: Uint8Array, target: Uint8Array, offset: number): void {
  const { length } = source
  if (length > SMALL_BYTES) target.set(source, offset)
  else for (let i = 0; i < length; i++) target[offset + i] = source[i]!
}
