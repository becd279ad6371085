/**
 * A binary heap, smallest priority first, that orders equal priorities as `java.util.PriorityQueue` does: insertion sifts
 * up while strictly smaller than the parent; a poll puts the last element at the root and sifts it down, to the right child
 * only if that is strictly smaller than the left, and stops when it is not greater than the smaller child. The order among
 * equals decides which of two partitions with equal timestamps goes first, so it is part of Java's results.
 */
export class PriorityQueue<T> {
  readonly #heap: T[] = []
  readonly #priority: (item: T) => number

  /** An item's priority must not change while it is in the queue. */
  constructor(priority: (item: T) => number) {
    this.#priority = priority
  }

  get size(): number {
    return this.#heap.length
  }

  peek(): T | undefined {
    return this.#heap[0]
  }

  offer(item: T): void {
    const heap = this.#heap
    const priority = this.#priority(item)
    let at = heap.length
    heap.push(item)
    while (at > 0) {
      const up = (at - 1) >>> 1
      const parent = heap[up]!
      if (priority >= this.#priority(parent)) break
      heap[at] = parent
      at = up
    }
    heap[at] = item
  }

  poll(): T | undefined {
    const heap = this.#heap
    const first = heap[0]
    const last = heap.pop()
    if (last === undefined || heap.length === 0) return first
    const priority = this.#priority(last)
    const half = heap.length >>> 1
    let at = 0
    while (at < half) {
      let child = 2 * at + 1
      const right = child + 1
      if (right < heap.length && this.#priority(heap[child]!) > this.#priority(heap[right]!)) child = right
      const smaller = heap[child]!
      if (priority <= this.#priority(smaller)) break
      heap[at] = smaller
      at = child
    }
    heap[at] = last
    return first
  }

  clear(): void {
    this.#heap.length = 0
  }
}
