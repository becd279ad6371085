const multiplier = 0x5bd1e995
const seed = 0x9747b28c

/**
 * Kafka's 32-bit murmur2 of a key, as a signed number. Keys are partitioned by it, so it is a format.
 * @see org.apache.kafka.common.utils.Utils#murmur2
 */
export function murmur2(bytes: Uint8Array): number {
  const length = bytes.length
  const wholeWords = length & ~3
  let hash = seed ^ length
  for (let at = 0; at < wholeWords; at += 4) {
    let word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
    word = Math.imul(word, multiplier)
    word ^= word >>> 24
    hash = Math.imul(hash, multiplier) ^ Math.imul(word, multiplier)
  }
  const rest = length - wholeWords
  if (rest === 3) hash ^= bytes[wholeWords + 2]! << 16
  if (rest >= 2) hash ^= bytes[wholeWords + 1]! << 8
  if (rest >= 1) hash = Math.imul(hash ^ bytes[wholeWords]!, multiplier)
  hash ^= hash >>> 13
  hash = Math.imul(hash, multiplier)
  return hash ^ (hash >>> 15)
}

/**
 * The partition of a key among `partitionCount`, as Java's producer and Kafka Streams choose it.
 * @see org.apache.kafka.clients.producer.internals.BuiltInPartitioner#partitionForKey
 */
export function partitionForKey(key: Uint8Array, partitionCount: number): number {
  return (murmur2(key) & 0x7fffffff) % partitionCount
}
