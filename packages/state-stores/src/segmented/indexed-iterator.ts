import { StepIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'

/** The entries that an index names, with their values read one by one. */
export class IndexedIterator<K> extends StepIterator<K, Uint8Array> {
  readonly #index: StoreIterator<K, Uint8Array>
  readonly #read: (key: K) => Uint8Array | null

  constructor(index: StoreIterator<K, Uint8Array>, read: (key: K) => Uint8Array | null) {
    super()
    this.#index = index
    this.#read = read
  }

  protected override step(): [K, Uint8Array] | undefined {
    for (let entry = this.#index.next(); !entry.done; entry = this.#index.next()) {
      const key = entry.value[0]
      const value = this.#read(key)
      if (value !== null) return [key, value]
    }
    return undefined
  }

  protected override release(): void {
    this.#index.close()
  }
}
