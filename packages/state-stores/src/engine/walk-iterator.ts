import { type BinaryKey, fromBinaryKey } from '../binary-key.ts'
import type { KeyspaceIterator } from '../state-engine.ts'
import type { SortedKeys, SortedKeysWalk } from './sorted-keys.ts'

/** Reads the value of a key which the index holds. */
export type ValueReader = (key: BinaryKey) => Uint8Array | null

/** A range over an index of keys whose values are read one by one. */
export class WalkIterator implements KeyspaceIterator {
  readonly #index: SortedKeys
  readonly #walk: SortedKeysWalk
  readonly #read: ValueReader
  readonly #version: number
  #nextKey: BinaryKey | undefined

  constructor(index: SortedKeys, walk: SortedKeysWalk, read: ValueReader) {
    this.#index = index
    this.#walk = walk
    this.#read = read
    this.#version = index.version
  }

  next(): IteratorResult<[Uint8Array, Uint8Array]> {
    for (;;) {
      const key = this.#advance()
      if (key === undefined) return { done: true, value: undefined }
      this.#nextKey = undefined
      const value = this.#read(key)
      if (value !== null) return { done: false, value: [fromBinaryKey(key), value] }
    }
  }

  peekNextKey(): Uint8Array | undefined {
    const key = this.#advance()
    return key === undefined ? undefined : fromBinaryKey(key)
  }

  skip(): void {
    this.#advance()
    this.#nextKey = undefined
  }

  return(): IteratorResult<[Uint8Array, Uint8Array]> {
    this.close()
    return { done: true, value: undefined }
  }

  close(): void {
    this.#nextKey = undefined
    this.#walk.close()
  }

  [Symbol.iterator](): this {
    return this
  }

  /** The key which is next, skipping those that were removed since the walk began. */
  #advance(): BinaryKey | undefined {
    let key = this.#nextKey ?? this.#walk.next()
    while (key !== undefined && this.#index.version !== this.#version && !this.#index.has(key)) key = this.#walk.next()
    this.#nextKey = key
    return key
  }
}
