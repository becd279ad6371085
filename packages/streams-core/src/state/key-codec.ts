import type { Serde } from '@millrace/serdes'

/**
 * A store's keys to bytes and back. The bytes of the last key are remembered where keys cannot change, because a processor
 * mostly reads a key and then writes the same one.
 */
export class KeyCodec<K> {
  readonly #serde: Serde<K>
  readonly #topic: string
  readonly #storeName: string
  readonly #remembers: boolean
  #lastKey: K | undefined
  #lastBytes: Uint8Array | undefined

  constructor(serde: Serde<K>, topic: string, storeName: string) {
    this.#serde = serde
    this.#topic = topic
    this.#storeName = storeName
    this.#remembers = serde.immutable === true
  }

  /** @throws TypeError when the key is null. */
  serialize(key: K): Uint8Array {
    // Not ===, for which 0 and -0 are one key.
    if (this.#lastBytes !== undefined && Object.is(key, this.#lastKey)) return this.#lastBytes
    const bytes = key === null || key === undefined ? null : this.#serde.serialize(this.#topic, key)
    if (bytes === null) throw new TypeError(`Store '${this.#storeName}': the key is null. Every entry needs a key.`)
    if (this.#remembers) {
      this.#lastKey = key
      this.#lastBytes = bytes
    }
    return bytes
  }

  /** For ends of ranges: null is an open end. */
  serializeOrNull(key: K | null): Uint8Array | null {
    return key === null ? null : this.serialize(key)
  }

  deserialize(bytes: Uint8Array): K {
    return this.#serde.deserialize(this.#topic, bytes) as K
  }
}
