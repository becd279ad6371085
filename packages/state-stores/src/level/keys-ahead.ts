import { type BinaryKey, fromBinaryKey, toBinaryKey } from '../binary-key.ts'
import { SortedKeys } from '../engine/sorted-keys.ts'
import { type ValueReader, WalkIterator } from '../engine/walk-iterator.ts'
import type { KeyspaceIterator } from '../state-engine.ts'
import type { ClearedRange, Layer } from './layer.ts'
import { isInRange } from './layer.ts'

/** A range of which LevelDB's keys are fetched from one end on. */
export interface FetchedRange {
  readonly from: BinaryKey | undefined
  /** Inclusive. */
  readonly to: BinaryKey | undefined
  readonly reverse: boolean
  readonly keys: BinaryKey[]
  /** There are no more keys than these. */
  isComplete: boolean
}

/**
 * Keys that were fetched from LevelDB's own iterator before a read that ranges over them. A range that goes on where they end
 * stops there, and is noted as `short`: what was read is of no use then, and is read again when more of its keys are there.
 */
export class KeysAhead {
  readonly #ranges = new Map<string, FetchedRange>()
  /** Written to LevelDB since the first fetch began. */
  readonly #written = new Set<BinaryKey>()
  readonly #cleared: ClearedRange[] = []
  #short: FetchedRange | undefined

  /** The first range whose keys did not suffice since this was asked last. */
  takeShort(): FetchedRange | undefined {
    const short = this.#short
    this.#short = undefined
    return short
  }

  /** A layer is in LevelDB now. */
  note(layer: Layer): void {
    for (const key of layer.entries.keys()) this.#written.add(toBinaryKey(key))
    this.#cleared.push(...layer.cleared)
  }

  /** The entries of a range as far as its keys are known. `layers`: what LevelDB may not have. */
  range(
    from: BinaryKey | undefined,
    to: BinaryKey | undefined,
    reverse: boolean,
    layers: readonly Layer[],
    read: ValueReader,
  ): KeyspaceIterator {
    const fetched = this.#fetched(from, to, reverse)
    const isCleared = (key: BinaryKey): boolean => {
      const bytes = fromBinaryKey(key)
      return this.#cleared.some((range) => isInRange(range, bytes)) || layers.some((layer) => layer.isCleared(bytes))
    }
    const isThere = (key: BinaryKey): boolean => read(key, fromBinaryKey(key)) !== null
    const changed = new Set(this.#written)
    for (const layer of layers) for (const key of layer.entries.keys()) changed.add(toBinaryKey(key))
    const keys = fetched.keys.filter((key) => !changed.has(key) && (!isCleared(key) || isThere(key)))
    for (const key of changed) if (isReached(fetched, key) && isThere(key)) keys.push(key)
    const index = SortedKeys.of(keys)
    const entries = new WalkIterator(index, index.walk(undefined, undefined, reverse), read)
    return fetched.isComplete ? entries : new EndingIterator(entries, () => (this.#short ??= fetched))
  }

  #fetched(from: BinaryKey | undefined, to: BinaryKey | undefined, reverse: boolean): FetchedRange {
    const name = JSON.stringify([from ?? null, to ?? null, reverse])
    let fetched = this.#ranges.get(name)
    if (fetched === undefined) {
      fetched = { from, to, reverse, keys: [], isComplete: false }
      this.#ranges.set(name, fetched)
    }
    return fetched
  }
}

/** True for a key of the range that is not beyond what was fetched. */
function isReached({ from, to, reverse, keys, isComplete }: FetchedRange, key: BinaryKey): boolean {
  if ((from !== undefined && key < from) || (to !== undefined && key > to)) return false
  if (isComplete) return true
  const last = keys.at(-1)
  return last !== undefined && (reverse ? key >= last : key <= last)
}

/** Tells when its entries have come to their end. */
class EndingIterator implements KeyspaceIterator {
  readonly #entries: KeyspaceIterator
  readonly #onEnd: () => void

  constructor(entries: KeyspaceIterator, onEnd: () => void) {
    this.#entries = entries
    this.#onEnd = onEnd
  }

  next(): IteratorResult<[Uint8Array, Uint8Array]> {
    const result = this.#entries.next()
    if (result.done) this.#onEnd()
    return result
  }

  peekNextKey(): Uint8Array | undefined {
    const key = this.#entries.peekNextKey()
    if (key === undefined) this.#onEnd()
    return key
  }

  skip(): void {
    this.#entries.skip()
  }

  return(): IteratorResult<[Uint8Array, Uint8Array]> {
    this.close()
    return { done: true, value: undefined }
  }

  close(): void {
    this.#entries.close()
  }

  [Symbol.iterator](): this {
    return this
  }
}
