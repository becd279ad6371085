/** Java's `String.hashCode`, over UTF-16 units. */
function hashCode(text: string): number {
  let hash = 0
  for (let i = 0; i < text.length; i++) hash = (Math.imul(hash, 31) + text.charCodeAt(i)) | 0
  return hash
}

/**
 * The order in which a Java `HashSet` gives back texts that were put in one by one. The description of a topology prints
 * such sets, and stores are opened and flushed in such an order.
 *
 *   bucket = (hash ^ hash >>> 16) & (capacity - 1), capacity 16 doubled while more than three quarters full;
 *   within a bucket by time of insertion
 *
 * @see java.util.HashMap
 */
export function javaHashOrder(texts: Iterable<string>, initialCapacity = 16): string[] {
  const distinct = [...new Set(texts)]
  let capacity = initialCapacity
  while (distinct.length > capacity * 0.75) capacity *= 2
  const buckets = new Map<string, number>()
  for (const text of distinct) {
    const hash = hashCode(text)
    buckets.set(text, (hash ^ (hash >>> 16)) & (capacity - 1))
  }
  return distinct.sort((a, b) => buckets.get(a)! - buckets.get(b)!)
}

/** The same for `new HashSet<>(collection)`, whose capacity is chosen by the collection's size. */
export function javaHashCopyOrder(texts: readonly string[]): string[] {
  let capacity = 16
  while (capacity < Math.floor(texts.length / 0.75) + 1) capacity *= 2
  return javaHashOrder(texts, capacity)
}
