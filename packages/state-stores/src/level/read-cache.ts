import { ByteMap, NO_ENTRY } from '../engine/byte-map.ts'
import { hashBytes } from '../engine/hash-bytes.ts'
import { LEVEL_INLINE_BYTES } from './layer.ts'

/** Of an entry whose value lies within the table; and what the array of a larger value costs besides. */
const ENTRY_OVERHEAD_BYTES = 48
const ARRAY_OVERHEAD_BYTES = 150

/**
 * Values read from LevelDB or written to it, for all stores of an engine under one budget of bytes. Two generations: entries
 * that are used move to the young one; when it holds half of the budget, the old one is dropped and the young one grows old.
 */
export class ReadCache {
  readonly #sections = new Set<CacheSection>()
  readonly #maxYoungBytes: number
  #youngBytes = 0
  #oldBytes = 0

  constructor(maxBytes: number) {
    this.#maxYoungBytes = maxBytes / 2
  }

  get sizeBytes(): number {
    return this.#youngBytes + this.#oldBytes
  }

  /** A store's part of the cache. */
  section(): CacheSection {
    const section = new CacheSection((bytes) => this.#grow(bytes))
    this.#sections.add(section)
    return section
  }

  #grow(bytes: number): void {
    this.#youngBytes += bytes
    if (this.#youngBytes <= this.#maxYoungBytes) return
    for (const section of this.#sections) section.age()
    this.#oldBytes = this.#youngBytes
    this.#youngBytes = 0
  }
}

/** One store's entries of a {@link ReadCache}. Null: the store has no such key. Hashes are those of the keys. */
export class CacheSection {
  readonly #grow: (bytes: number) => void
  #young = new ByteMap(LEVEL_INLINE_BYTES)
  #old = new ByteMap(LEVEL_INLINE_BYTES)

  constructor(grow: (bytes: number) => void) {
    this.#grow = grow
  }

  /** Undefined: not known. */
  get(key: Uint8Array, hash: number): Uint8Array | null | undefined {
    const young = this.#young.find(key, hash)
    if (young !== NO_ENTRY) return this.#young.value(young)
    const old = this.#old.find(key, hash)
    if (old === NO_ENTRY) return undefined
    const value = this.#old.value(old)
    this.set(key, value, hash)
    return value
  }

  /** Whether the key has a value; undefined: not known. Does not count as use. */
  has(key: Uint8Array, hash: number): boolean | undefined {
    const young = this.#young.find(key, hash)
    if (young !== NO_ENTRY) return this.#young.hasValue(young)
    const old = this.#old.find(key, hash)
    return old === NO_ENTRY ? undefined : this.#old.hasValue(old)
  }

  /** Gives what was known before, as {@link has} does. */
  set(key: Uint8Array, value: Uint8Array | null, hash: number): boolean | undefined {
    const young = this.#young
    const entry = young.find(key, hash)
    if (entry === NO_ENTRY) {
      const old = this.#old.find(key, hash)
      young.add(key, value, hash)
      this.#grow(ENTRY_OVERHEAD_BYTES + key.length + bytesOf(value?.length ?? 0))
      return old === NO_ENTRY ? undefined : this.#old.hasValue(old)
    }
    const hadValue = young.hasValue(entry)
    const before = young.valueLength(entry)
    young.setValue(entry, value)
    this.#grow(bytesOf(value?.length ?? 0) - bytesOf(before))
    return hadValue
  }

  /** Forgets the keys for which the predicate holds. */
  forget(isForgotten: (key: Uint8Array) => boolean): void {
    for (const generation of [this.#young, this.#old]) {
      for (const key of generation.keys()) {
        const hash = hashBytes(key)
        if (isForgotten(key)) generation.delete(generation.find(key, hash), key, hash)
      }
    }
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  age(): void {
    this.#old = this.#young
    this.#young = new ByteMap(LEVEL_INLINE_BYTES)
  }
}

function bytesOf(valueLength: number): number {
  return valueLength + (valueLength > LEVEL_INLINE_BYTES ? ARRAY_OVERHEAD_BYTES : 0)
}
