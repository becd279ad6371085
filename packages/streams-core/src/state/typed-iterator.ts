import type { StoreIterator } from '@millrace/state-stores'

/** A walk over a bytes store that gives typed entries. Each entry is decoded when it is reached. */
export class TypedIterator<KBytes, VBytes, K, V> implements StoreIterator<K, V> {
  readonly #bytes: StoreIterator<KBytes, VBytes>
  readonly #readKey: (key: KBytes) => K
  readonly #readValue: (value: VBytes) => V

  constructor(bytes: StoreIterator<KBytes, VBytes>, readKey: (key: KBytes) => K, readValue: (value: VBytes) => V) {
    this.#bytes = bytes
    this.#readKey = readKey
    this.#readValue = readValue
  }

  next(): IteratorResult<[K, V]> {
    const result = this.#bytes.next()
    if (result.done === true) return { done: true, value: undefined }
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
    this.#bytes.close()
  }

  [Symbol.iterator](): this {
    return this
  }
}
