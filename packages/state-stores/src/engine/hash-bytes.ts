/** A hash of 32 bits (signed) of some bytes: MurmurHash3, whose speed is what counts here. Not kept anywhere. */
export function hashBytes(bytes: Uint8Array): number {
  const { length } = bytes
  let hash = length
  let at = 0
  for (; at + 4 <= length; at += 4) {
    const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    hash ^= scrambled(word)
    hash = Math.imul((hash << 13) | (hash >>> 19), 5) + 0xe6546b64
  }
  let rest = 0
  for (let i = length - 1; i >= at; i--) rest = (rest << 8) | bytes[i]!
  hash ^= scrambled(rest)
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b)
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35)
  return hash ^ (hash >>> 16)
}

function scrambled(word: number): number {
  const mixed = Math.imul(word, 0xcc9e2d51)
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593)
}

/** Remembers the last hash: an entry is mostly read and then written under the same bytes, which nobody changes. */
export class LastHash {
  #bytes: Uint8Array | undefined
  #hash = 0

  of(bytes: Uint8Array): number {
    if (bytes === this.#bytes) return this.#hash
    this.#bytes = bytes
    this.#hash = hashBytes(bytes)
    return this.#hash
  }
}
