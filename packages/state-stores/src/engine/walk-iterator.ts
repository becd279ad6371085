import { type BinaryKey, fromBinaryKey } from '../binary-key.ts'
import type { SkippingIterator } from '../range-source.ts'
import type { SortedKeys, SortedKeysWalk } from './sorted-keys.ts'

/** Reads the value of a key which the index holds; null when it was removed. `bytes`: those of the key. */
export type ValueReader<V = Uint8Array> = (key: BinaryKey, bytes: Uint8Array) => V | null

/** A range over an index of keys whose values are read one by one. */
export class WalkIterator<V> implements SkippingIterator<V> {
  readonly #index: SortedKeys
  readonly #walk: SortedKeysWalk
  readonly #read: ValueReader<V>
  readonly #version: number
  #nextKey: BinaryKey | undefined
  /** The bytes of the next key, if they have been asked for. */
  #nextBytes: Uint8Array | undefined

  constructor(index: SortedKeys, walk: SortedKeysWalk, read: ValueReader<V>) {
    this.#index = index
    this.#walk = walk
    this.#read = read
    this.#version = index.version
  }

  next(): IteratorResult<[Uint8Array, V]> {
    for (;;) {
      const key = this.#advance()
      if (key === undefined) return { done: true, value: undefined }
      const bytes = this.#nextBytes ?? fromBinaryKey(key)
      this.#forgetNext()
      const value = this.#read(key, bytes)
      if (value !== null) return { done: false, value: [bytes, value] }
    }
  }

  peekNextKey(): Uint8Array | undefined {
    const key = this.#advance()
    if (key === undefined) return undefined
    this.#nextBytes ??= fromBinaryKey(key)
    return this.#nextBytes
  }

  skip(): void {
    this.#advance()
    this.#forgetNext()
  }

  return(): IteratorResult<[Uint8Array, V]> {
    this.close()
    return { done: true, value: undefined }
  }

  close(): void {
    this.#forgetNext()
    this.#walk.close()
  }

  [Symbol.iterator](): this {
    return this
  }

  #forgetNext(): void {
    this.#nextKey = undefined
    this.#nextBytes = undefined
  }

  /** The key which is next, skipping those that were removed since the walk began. */
  #advance(): BinaryKey | undefined {
    let key = this.#nextKey ?? this.#walk.next()
    while (key !== undefined && this.#index.version !== this.#version && !this.#index.has(key)) key = this.#walk.next()
    if (key !== this.#nextKey) this.#nextBytes = undefined
    this.#nextKey = key
    return key
  }
}
