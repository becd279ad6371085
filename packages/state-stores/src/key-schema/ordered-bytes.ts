/**
 * The smallest bytes that are not before any `key' | suffix` with `key' <= key`, when keys vary in length and suffixes are at
 * most `maxSuffix`: the leading bytes of the key that are not below the suffix's first byte, then the suffix. Keys are at least
 * one byte long. Shorter than the key where a longer bound would cut off keys that are prefixes of it.
 * @see org.apache.kafka.streams.state.internals.OrderedBytes
 */
export function upperRange(key: Uint8Array, maxSuffix: Uint8Array): Uint8Array {
  const first = maxSuffix[0]!
  let length = first === 0 ? key.length : Math.min(1, key.length)
  while (length < key.length && key[length]! >= first) length++
  const bound = new Uint8Array(length + maxSuffix.length)
  bound.set(key.subarray(0, length))
  bound.set(maxSuffix, length)
  return bound
}

/** The key with zeros in place of its suffix of that size: not after any key with the same prefix. */
export function lowerRange(key: Uint8Array, suffixSize: number): Uint8Array {
  const bound = new Uint8Array(key.length + suffixSize)
  bound.set(key)
  return bound
}
