import { type BinaryKey, fromBinaryKey, toBinaryKey } from '../binary-key.ts'
import type { Keyspace, KeyspaceIterator } from '../state-engine.ts'
import { SortedKeys } from './sorted-keys.ts'
import { type ValueReader, WalkIterator } from './walk-iterator.ts'

/** A range of committed entries; undefined: it is to be read from the index. */
type RangeAhead = (
  low: BinaryKey | undefined,
  high: BinaryKey | undefined,
  reverse: boolean,
) => KeyspaceIterator | undefined

/**
 * What a keyspace held at its last commit: its current entries, with those written since replaced by their values before.
 * Made for queries; it never writes.
 */
export class CommittedKeyspace implements Keyspace {
  readonly #current: Keyspace
  readonly #before: () => ReadonlyMap<BinaryKey, Uint8Array | null>
  readonly #index: () => SortedKeys
  readonly #read: ValueReader
  readonly #streamTime: () => number
  readonly #rangeAhead: RangeAhead

  /**
   * `before`: the committed values of the keys written since the commit (null: none). `index`: the current keys.
   * `read`: the committed value of any key. `rangeAhead`: a range whose keys are taken from elsewhere, if one is now.
   */
  constructor(
    current: Keyspace,
    before: () => ReadonlyMap<BinaryKey, Uint8Array | null>,
    index: () => SortedKeys,
    read: ValueReader,
    streamTime: () => number,
    rangeAhead: RangeAhead = () => undefined,
  ) {
    this.#current = current
    this.#before = before
    this.#index = index
    this.#read = read
    this.#streamTime = streamTime
    this.#rangeAhead = rangeAhead
  }

  get name(): string {
    return this.#current.name
  }

  get streamTime(): number {
    return this.#streamTime()
  }

  set streamTime(_time: number) {
    throw readOnly(this.name)
  }

  get sequence(): number {
    return this.#current.sequence
  }

  set sequence(_sequence: number) {
    throw readOnly(this.name)
  }

  get discards(): number {
    return this.#current.discards
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.#read(toBinaryKey(key), key)
  }

  put(): void {
    throw readOnly(this.name)
  }

  deleteRange(): void {
    throw readOnly(this.name)
  }

  range(from: Uint8Array | null, to: Uint8Array | null, reverse = false): KeyspaceIterator {
    const low = from === null ? undefined : toBinaryKey(from)
    const high = to === null ? undefined : toBinaryKey(to)
    const ahead = this.#rangeAhead(low, high, reverse)
    if (ahead !== undefined) return ahead
    const current = this.#index()
    const before = this.#before()
    if (before.size === 0) return new WalkIterator(current, current.walk(low, high, reverse), this.#read)
    const keys: BinaryKey[] = []
    const walk = current.walk(low, high, false)
    for (let key = walk.next(); key !== undefined; key = walk.next()) if (!before.has(key)) keys.push(key)
    for (const [key, value] of before) {
      if (value === null || (low !== undefined && key < low) || (high !== undefined && key > high)) continue
      keys.push(key)
    }
    const index = SortedKeys.of(keys)
    return new WalkIterator(index, index.walk(undefined, undefined, reverse), this.#read)
  }

  approximateNumEntries(): number {
    let count = this.#current.approximateNumEntries()
    for (const [key, value] of this.#before()) {
      const isThere = this.#current.get(fromBinaryKey(key)) !== null
      if (value === null && isThere) count--
      else if (value !== null && !isThere) count++
    }
    return count
  }
}

function readOnly(storeName: string): TypeError {
  return new TypeError(`The committed view of store '${storeName}' is read-only. Write through the task's own store.`)
}
