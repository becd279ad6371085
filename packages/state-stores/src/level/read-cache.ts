import type { BinaryKey } from '../binary-key.ts'

const ENTRY_OVERHEAD_BYTES = 100

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

/** One store's entries of a {@link ReadCache}. Null: the store has no such key. */
export class CacheSection {
  readonly #grow: (bytes: number) => void
  #young = new Map<BinaryKey, Uint8Array | null>()
  #old = new Map<BinaryKey, Uint8Array | null>()

  constructor(grow: (bytes: number) => void) {
    this.#grow = grow
  }

  /** Undefined: not known. */
  get(key: BinaryKey): Uint8Array | null | undefined {
    const young = this.#young.get(key)
    if (young !== undefined) return young
    const old = this.#old.get(key)
    if (old !== undefined) this.set(key, old)
    return old
  }

  /** As {@link get}, without counting as use. */
  peek(key: BinaryKey): Uint8Array | null | undefined {
    const young = this.#young.get(key)
    return young === undefined ? this.#old.get(key) : young
  }

  /** Gives what was known before, as {@link peek} does. */
  set(key: BinaryKey, value: Uint8Array | null): Uint8Array | null | undefined {
    const before = this.#young.get(key)
    this.#young.set(key, value)
    const bytes = value?.length ?? 0
    const old = before === undefined ? this.#old.get(key) : before
    this.#grow(before === undefined ? key.length + bytes + ENTRY_OVERHEAD_BYTES : bytes - (before?.length ?? 0))
    return old
  }

  /** Forgets the keys for which the predicate holds. */
  forget(isForgotten: (key: BinaryKey) => boolean): void {
    for (const generation of [this.#young, this.#old]) {
      for (const key of generation.keys()) if (isForgotten(key)) generation.delete(key)
    }
  }

  clear(): void {
    this.#young.clear()
    this.#old.clear()
  }

  age(): void {
    this.#old = this.#young
    this.#young = new Map()
  }
}
