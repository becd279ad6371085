import type { BinaryKey } from '../binary-key.ts'

/** A range of keys that was deleted as a whole: from the first (undefined: all) up to the second, exclusive. */
export interface ClearedRange {
  readonly from: BinaryKey | undefined
  readonly to: BinaryKey | undefined
}

export function isInRange(range: ClearedRange, key: BinaryKey): boolean {
  return (range.from === undefined || key >= range.from) && (range.to === undefined || key < range.to)
}

/** Writes of one store that LevelDB does not have yet: entries (null: deleted) over cleared ranges. */
export class Layer {
  readonly entries = new Map<BinaryKey, Uint8Array | null>()
  readonly cleared: ClearedRange[] = []
  bytes = 0
  /** It has entries by {@link add}: whether they are new to the store is not known yet. */
  isRestored = false

  /** Undefined: this layer says nothing about the key. */
  get(key: BinaryKey): Uint8Array | null | undefined {
    const value = this.entries.get(key)
    if (value !== undefined) return value
    return this.cleared.length > 0 && this.isCleared(key) ? null : undefined
  }

  /** `before`: what {@link get} gives for the key. */
  set(key: BinaryKey, value: Uint8Array | null, before: Uint8Array | null | undefined): void {
    this.entries.set(key, value)
    this.bytes += (value?.length ?? 0) + (before === undefined ? key.length : -(before?.length ?? 0))
  }

  /** As `set`, without a look at what is there; true when this layer said nothing about the key. */
  add(key: BinaryKey, value: Uint8Array): boolean {
    const { size } = this.entries
    this.entries.set(key, value)
    const isNew = this.entries.size > size
    this.bytes += value.length + (isNew ? key.length : 0)
    this.isRestored = true
    return isNew
  }

  clear(range: ClearedRange): void {
    for (const [key, value] of this.entries) {
      if (!isInRange(range, key)) continue
      this.entries.delete(key)
      this.bytes -= key.length + (value?.length ?? 0)
    }
    this.cleared.push(range)
  }

  isCleared(key: BinaryKey): boolean {
    return this.cleared.some((range) => isInRange(range, key))
  }
}
