import type { StoreIterator } from '@millrace/state-stores'
import type { OpenIterator, OpenIterators } from '../metrics/open-iterators.ts'

/** A walk over a bytes store that gives typed entries. Each entry is decoded when it is reached. */
export class TypedIterator<KBytes, VBytes, K, V> implements StoreIterator<K, V> {
  readonly #bytes: StoreIterator<KBytes, VBytes>
  readonly #readKey: (key: KBytes) => K
  readonly #readValue: (value: VBytes) => V
  /** Undefined once the walk is over. */
  #open: OpenIterators | undefined
  readonly #opened: OpenIterator | undefined

  /** `open`: where the walk is counted until its end. */
  constructor(
    bytes: StoreIterator<KBytes, VBytes>,
    readKey: (key: KBytes) => K,
    readValue: (value: VBytes) => V,
    open?: OpenIterators,
  ) {
    this.#bytes = bytes
    this.#open = open
    this.#opened = open?.opened()
    this.#readKey = readKey
    this.#readValue = readValue
  }

  next(): IteratorResult<[K, V]> {
    const result = this.#bytes.next()
    if (result.done === true) {
      this.#ended()
      return { done: true, value: undefined }
    }
    const [key, value] = result.value
    return { done: false, value: [this.#readKey(key), this.#readValue(value)] }
  }

  peekNextKey(): K | undefined {
    const key = this.#bytes.peekNextKey()
    return key === undefined ? undefined : this.#readKey(key)
  }

  return(): IteratorResult<[K, V]> {
    this.close()
    return { done: true, value: undefined }
  }

  close(): void {
    this.#ended()
    this.#bytes.close()
  }

  [Symbol.iterator](): this {
    return this
  }

  #ended(): void {
    this.#open?.closed(this.#opened)
    this.#open = undefined
  }
}
