import type { Distribution } from './recorders.ts'

/** An iterator that is open. */
export interface OpenIterator {
  /** Unix ms. */
  readonly openSinceMs: number
  readonly beginNs: number
}

/**
 * The iterators that a store has given out and that are not closed: how many, since when, and for how long they were open.
 * Without `measure` they are only counted.
 */
export class OpenIterators {
  count = 0
  readonly #open = new Set<OpenIterator>()
  #measure: { readonly durations: Distribution; readonly nowMs: () => number; readonly nowNs: () => number } | undefined

  measure(durations: Distribution, nowMs: () => number, nowNs: () => number): void {
    this.#measure = { durations, nowMs, nowNs }
  }

  /** Since when the oldest is open, Unix ms; 0 when none is, as in Java. */
  get oldestSinceMs(): number {
    const [oldest] = this.#open
    return oldest?.openSinceMs ?? 0
  }

  opened(): OpenIterator | undefined {
    this.count += 1
    if (this.#measure === undefined) return undefined
    const iterator = { openSinceMs: this.#measure.nowMs(), beginNs: this.#measure.nowNs() }
    this.#open.add(iterator)
    return iterator
  }

  /** To be called once for each that was opened. */
  closed(iterator: OpenIterator | undefined): void {
    this.count -= 1
    if (iterator === undefined || this.#measure === undefined) return
    this.#open.delete(iterator)
    this.#measure.durations.record(this.#measure.nowNs() - iterator.beginNs)
  }
}
