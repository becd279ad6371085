import type { StoreIterator } from './store-iterator.ts'

/**
 * The part that all store iterators share: looking ahead by one entry, ending once, closing once. An implementation gives
 * the entries one by one in `step` and lets go of what it holds in `release`.
 */
export abstract class StepIterator<K, V> implements StoreIterator<K, V> {
  #peeked: [K, V] | undefined
  #isOpen = true

  /** The next entry, or undefined at the end. Not called again after the end. */
  protected abstract step(): [K, V] | undefined

  /** Called once, at the end or when closed, whichever comes first. */
  protected abstract release(): void

  next(): IteratorResult<[K, V]> {
    const entry = this.#take()
    return entry === undefined ? { done: true, value: undefined } : { done: false, value: entry }
  }

  peekNextKey(): K | undefined {
    this.#peeked ??= this.#take()
    return this.#peeked?.[0]
  }

  return(): IteratorResult<[K, V]> {
    this.close()
    return { done: true, value: undefined }
  }

  close(): void {
    if (!this.#isOpen) return
    this.#isOpen = false
    this.#peeked = undefined
    this.release()
  }

  [Symbol.iterator](): this {
    return this
  }

  #take(): [K, V] | undefined {
    const peeked = this.#peeked
    if (peeked !== undefined) {
      this.#peeked = undefined
      return peeked
    }
    if (!this.#isOpen) return undefined
    const entry = this.step()
    if (entry === undefined) this.close()
    return entry
  }
}

/** An iterator over entries that are at hand already. */
export class ListIterator<K, V> extends StepIterator<K, V> {
  readonly #entries: readonly [K, V][]
  #position = 0

  constructor(entries: readonly [K, V][]) {
    super()
    this.#entries = entries
  }

  protected override step(): [K, V] | undefined {
    return this.#entries[this.#position++]
  }

  protected override release(): void {}
}

/** An iterator without entries. */
export function emptyIterator<K, V>(): StoreIterator<K, V> {
  return new ListIterator<K, V>([])
}
