import { fromBinaryKey, toBinaryKey } from '../binary-key.ts'
import type { Keyspace, KeyspaceIterator } from '../state-engine.ts'
import { ByteMap, type Entry, NO_ENTRY } from './byte-map.ts'
import { CommittedKeyspace } from './committed-keyspace.ts'
import { hashBytes, LastHash } from './hash-bytes.ts'
import type { StoreSnapshot } from './memory-snapshot.ts'
import { SortedKeys } from './sorted-keys.ts'
import { type ValueReader, WalkIterator } from './walk-iterator.ts'

const INDEX_OVERHEAD_BYTES = 70
/** All keys are gone through for a range to delete, when one of so many is new since the last time. */
const SCAN_SHARE = 8
const MAX_EPOCH = 0x7fff_ffff

/**
 * One store's entries in a hash table of bytes. Uncommitted writes go into it at once; what they replaced is kept aside until the
 * commit, so that a discard can put it back. The sorted index is built at the first range and kept up to date from then on.
 */
export class MemoryKeyspace implements Keyspace {
  readonly name: string
  readonly #entries = new ByteMap()
  /** Committed values of the keys written since the last commit; null: there was none. Their entries are marked with `#epoch`. */
  readonly #before = new ByteMap()
  readonly #read: ValueReader = (_key, bytes) => this.get(bytes)
  readonly #onDirty: (keyspace: MemoryKeyspace) => void
  #streamTime = -1
  #committedStreamTime = -1
  #sequence = 0
  #committedSequence = 0
  #discards = 0
  /** Grows with each commit. */
  #epoch = 1
  readonly #hashes = new LastHash()
  #index: SortedKeys | undefined
  /** Keys added since a range was deleted by going through all of them. */
  #numAdded = 0
  #uncommittedBytes = 0
  #isDirty = false

  constructor(name: string, onDirty: (keyspace: MemoryKeyspace) => void) {
    this.name = name
    this.#onDirty = onDirty
  }

  get streamTime(): number {
    return this.#streamTime
  }

  set streamTime(time: number) {
    this.#markDirty()
    this.#streamTime = time
  }

  get sequence(): number {
    return this.#sequence
  }

  set sequence(sequence: number) {
    this.#markDirty()
    this.#sequence = sequence
  }

  get discards(): number {
    return this.#discards
  }

  get(key: Uint8Array): Uint8Array | null {
    const entry = this.#entries.find(key, this.#hashes.of(key))
    return entry === NO_ENTRY ? null : this.#entries.value(entry)
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const hash = this.#hashes.of(key)
    const entries = this.#entries
    const entry = entries.find(key, hash)
    if (entry === NO_ENTRY) {
      if (value === null) return
      this.#markDirty()
      const isKnown = this.#before.find(key, hash) !== NO_ENTRY
      if (!isKnown) this.#before.add(key, null, hash)
      this.#uncommittedBytes += value.length + (isKnown ? 0 : key.length)
      entries.setMark(entries.add(key, value, hash), this.#epoch)
      this.#index?.add(toBinaryKey(key))
      this.#numAdded++
      return
    }
    this.#remember(entry, key, hash, value)
    if (value !== null) {
      entries.setValue(entry, value)
      return
    }
    entries.delete(entry, key, hash)
    this.#index?.delete(toBinaryKey(key))
  }

  /** Nothing is remembered, because nothing will be taken back: that makes restoring cheaper. */
  restore(key: Uint8Array, value: Uint8Array | null): void {
    const hash = hashBytes(key)
    const entry = this.#entries.find(key, hash)
    if (value === null) {
      if (entry === NO_ENTRY) return
      this.#entries.delete(entry, key, hash)
      this.#index?.delete(toBinaryKey(key))
    } else if (entry === NO_ENTRY) {
      this.#entries.add(key, value, hash)
      this.#index?.add(toBinaryKey(key))
    } else {
      this.#entries.setValue(entry, value)
    }
  }

  range(from: Uint8Array | null, to: Uint8Array | null, reverse = false): KeyspaceIterator {
    const index = this.#sortedKeys()
    const low = from === null ? undefined : toBinaryKey(from)
    const high = to === null ? undefined : toBinaryKey(to)
    const walk = reverse ? index.walk(low, high, true) : index.walk(low, high, false)
    return new WalkIterator(index, walk, this.#read)
  }

  deleteRange(from: Uint8Array | null, to: Uint8Array | null): void {
    if (this.#entries.size === 0) return
    for (const key of this.#keysToDelete(from, to)) {
      const hash = hashBytes(key)
      const entry = this.#entries.find(key, hash)
      this.#remember(entry, key, hash, null)
      this.#entries.delete(entry, key, hash)
    }
  }

  approximateNumEntries(): number {
    return this.#entries.size
  }

  /** Uncommitted writes become committed ones. */
  commit(): void {
    this.#before.clear()
    this.#epoch = this.#epoch === MAX_EPOCH ? 1 : this.#epoch + 1
    this.#uncommittedBytes = 0
    this.#isDirty = false
    this.#committedStreamTime = this.#streamTime
    this.#committedSequence = this.#sequence
  }

  /** Puts back what the uncommitted writes replaced. */
  discard(): void {
    const entries = this.#entries
    for (const [key, value] of this.#before.entries()) {
      const hash = hashBytes(key)
      const entry = entries.find(key, hash)
      if (value === null) {
        if (entry !== NO_ENTRY) entries.delete(entry, key, hash)
        this.#index?.delete(toBinaryKey(key))
      } else {
        if (entry === NO_ENTRY) entries.add(key, value, hash)
        else entries.setValue(entry, value)
        this.#index?.add(toBinaryKey(key))
      }
    }
    this.#streamTime = this.#committedStreamTime
    this.#sequence = this.#committedSequence
    this.#discards++
    this.commit()
  }

  /** Removes everything, committed or not. */
  wipe(): void {
    this.#entries.clear()
    this.#index?.deleteRange(undefined, undefined)
    this.#streamTime = -1
    this.#sequence = 0
    this.#discards++
    this.commit()
  }

  /** Takes over what a snapshot holds; the keyspace is new. */
  load(snapshot: StoreSnapshot): void {
    for (const [key, value] of snapshot.entries) this.#entries.add(key, value)
    this.#streamTime = snapshot.streamTime
    this.#sequence = snapshot.sequence
    this.commit()
  }

  /** What the last commit left. The entries are to be read before the next write. */
  snapshot(): StoreSnapshot {
    let numEntries = this.#entries.size
    for (const [key, value] of this.#before.entries()) {
      const isThere = this.#entries.find(key) !== NO_ENTRY
      if (value === null && isThere) numEntries--
      else if (value !== null && !isThere) numEntries++
    }
    return {
      name: this.name,
      streamTime: this.#committedStreamTime,
      sequence: this.#committedSequence,
      numEntries,
      entries: this.#committedEntries(),
    }
  }

  /** A read-only keyspace of the committed entries. */
  committed(): Keyspace {
    return new CommittedKeyspace(
      this,
      () => new Map(Array.from(this.#before.entries(), ([key, value]) => [toBinaryKey(key), value])),
      () => this.#sortedKeys(),
      (_key, bytes) => {
        const before = this.#before.find(bytes)
        return before === NO_ENTRY ? this.get(bytes) : this.#before.value(before)
      },
      () => this.#committedStreamTime,
    )
  }

  get openIterators(): number {
    return this.#index?.openWalks ?? 0
  }

  get uncommittedBytes(): number {
    return this.#uncommittedBytes
  }

  get memoryBytes(): number {
    const index = this.#index === undefined ? 0 : this.#index.size * INDEX_OVERHEAD_BYTES
    return this.#entries.memoryBytes + this.#before.memoryBytes + index
  }

  *#committedEntries(): Generator<readonly [Uint8Array, Uint8Array]> {
    for (const [key, value, entry] of this.#entries.entries()) {
      if (this.#entries.mark(entry) !== this.#epoch) yield [key, value!]
    }
    for (const [key, value] of this.#before.entries()) if (value !== null) yield [key, value]
  }

  /** Before an entry is written for the first time since the last commit, its value is kept aside. */
  #remember(entry: Entry, key: Uint8Array, hash: number, value: Uint8Array | null): void {
    this.#markDirty()
    const entries = this.#entries
    this.#uncommittedBytes += value?.length ?? 0
    if (entries.mark(entry) === this.#epoch) {
      this.#uncommittedBytes -= entries.valueLength(entry)
      return
    }
    this.#uncommittedBytes += key.length
    this.#before.add(key, entries.value(entry), hash)
    entries.setMark(entry, this.#epoch)
  }

  #markDirty(): void {
    if (this.#isDirty) return
    this.#isDirty = true
    this.#onDirty(this)
  }

  /** Keys with `from <= key < to`, no longer in the index. A store whose ranges are only ever deleted, and seldom, needs none. */
  #keysToDelete(from: Uint8Array | null, to: Uint8Array | null): Uint8Array[] {
    if (this.#index === undefined && this.#numAdded * SCAN_SHARE >= this.#entries.size) {
      this.#numAdded = 0
      return this.#entries.keys(from, to)
    }
    const low = from === null ? undefined : toBinaryKey(from)
    const high = to === null ? undefined : toBinaryKey(to)
    return this.#sortedKeys().deleteRange(low, high).map(fromBinaryKey)
  }

  #sortedKeys(): SortedKeys {
    this.#index ??= SortedKeys.of(this.#entries.keys().map(toBinaryKey))
    return this.#index
  }
}
