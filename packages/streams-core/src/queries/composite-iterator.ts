import type { StoreIterator } from '@millrace/state-stores'
import { InvalidStateStoreError } from '../errors.ts'
import { reading } from './local-stores.ts'

/**
 * The entries of several stores, one store after the other: ordered within a store (a partition), not over all.
 * A store is opened when the walk comes to it.
 * @see org.apache.kafka.streams.state.internals.CompositeKeyValueIterator
 */
export class CompositeIterator<S, K, V> implements StoreIterator<K, V> {
  readonly #storeName: string
  readonly #stores: Iterator<S>
  readonly #open: (store: S) => StoreIterator<K, V>
  #current: StoreIterator<K, V> | undefined
  #isClosed = false

  constructor(storeName: string, stores: readonly S[], open: (store: S) => StoreIterator<K, V>) {
    this.#storeName = storeName
    this.#stores = stores[Symbol.iterator]()
    this.#open = open
    // The first store is opened now: what is wrong with the arguments is said by the call that was given them.
    this.#advance()
  }

  /** @throws InvalidStateStoreError after `close` */
  next(): IteratorResult<[K, V]> {
    if (this.peekNextKey() === undefined) return { done: true, value: undefined }
    return reading(this.#storeName, () => this.#current!.next())
  }

  /** @throws InvalidStateStoreError after `close` */
  peekNextKey(): K | undefined {
    if (this.#isClosed) {
      throw new InvalidStateStoreError(
        this.#storeName,
        `An iterator over store '${this.#storeName}' was used after close(). Make a new one.`,
      )
    }
    while (this.#current !== undefined) {
      const current = this.#current
      const key = reading(this.#storeName, () => current.peekNextKey())
      if (key !== undefined) return key
      current.close()
      this.#advance()
    }
    return undefined
  }

  return(): IteratorResult<[K, V]> {
    this.close()
    return { done: true, value: undefined }
  }

  close(): void {
    this.#isClosed = true
    this.#current?.close()
    this.#current = undefined
  }

  [Symbol.iterator](): this {
    return this
  }

  #advance(): void {
    const next = this.#stores.next()
    this.#current = next.done === true ? undefined : reading(this.#storeName, () => this.#open(next.value))
  }
}
