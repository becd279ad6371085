import { compareBytes } from '../binary-key.ts'
import { ByteMap, NO_ENTRY } from '../engine/byte-map.ts'
import { hashBytes } from '../engine/hash-bytes.ts'

/** Values up to this size lie within the tables of layers and caches. */
export const LEVEL_INLINE_BYTES = 256

/** A range of keys that was deleted as a whole: from the first (null: all) up to the second, exclusive. */
export interface ClearedRange {
  readonly from: Uint8Array | null
  readonly to: Uint8Array | null
}

export function isInRange({ from, to }: ClearedRange, key: Uint8Array): boolean {
  return (from === null || compareBytes(key, from) >= 0) && (to === null || compareBytes(key, to) < 0)
}

/** Writes of one store that LevelDB does not have yet: entries (null: deleted) over cleared ranges. Hashes are those of the keys. */
export class Layer {
  readonly entries = new ByteMap(LEVEL_INLINE_BYTES)
  readonly cleared: ClearedRange[] = []
  bytes = 0
  /** It has entries by {@link add}: whether they are new to the store is not known yet. */
  isRestored = false

  /** Undefined: this layer says nothing about the key. */
  get(key: Uint8Array, hash: number): Uint8Array | null | undefined {
    const entry = this.entries.find(key, hash)
    if (entry !== NO_ENTRY) return this.entries.value(entry)
    return this.isCleared(key) ? null : undefined
  }

  /** Whether the key has a value; undefined: this layer says nothing about it. */
  has(key: Uint8Array, hash: number): boolean | undefined {
    const entry = this.entries.find(key, hash)
    if (entry !== NO_ENTRY) return this.entries.hasValue(entry)
    return this.isCleared(key) ? false : undefined
  }

  set(key: Uint8Array, value: Uint8Array | null, hash: number): void {
    const { entries } = this
    const entry = entries.find(key, hash)
    this.bytes += value?.length ?? 0
    if (entry === NO_ENTRY) {
      this.bytes += key.length
      entries.add(key, value, hash)
    } else {
      this.bytes -= entries.valueLength(entry)
      entries.setValue(entry, value)
    }
  }

  /** As `set`, for what is restored; true when this layer had no entry of the key. */
  add(key: Uint8Array, value: Uint8Array, hash: number): boolean {
    const { size } = this.entries
    this.set(key, value, hash)
    this.isRestored = true
    return this.entries.size > size
  }

  clear(range: ClearedRange): void {
    for (const key of this.entries.keys(range.from, range.to)) {
      const hash = hashBytes(key)
      const entry = this.entries.find(key, hash)
      this.bytes -= key.length + this.entries.valueLength(entry)
      this.entries.delete(entry, key, hash)
    }
    this.cleared.push(range)
  }

  isCleared(key: Uint8Array): boolean {
    return this.cleared.length > 0 && this.cleared.some((range) => isInRange(range, key))
  }
}
