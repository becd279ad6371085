import { type BinaryKey, BinaryKeys, toBinaryKey } from '../binary-key.ts'
import type { Keyspace, KeyspaceIterator } from '../state-engine.ts'
import { CommittedKeyspace } from './committed-keyspace.ts'
import type { StoreSnapshot } from './memory-snapshot.ts'
import { SortedKeys } from './sorted-keys.ts'
import { type ValueReader, WalkIterator } from './walk-iterator.ts'

/** What an entry costs beside its bytes: two references, a hash slot and the headers of a string and a typed array. */
const ENTRY_OVERHEAD_BYTES = 120
const INDEX_OVERHEAD_BYTES = 10

/**
 * One store's entries in a Map. Uncommitted writes go into the Map at once; what they replaced is kept aside until the commit,
 * so that a discard can put it back. The sorted index is built at the first range and kept up to date from then on.
 */
export class MemoryKeyspace implements Keyspace {
  readonly name: string
  readonly #entries = new Map<BinaryKey, Uint8Array>()
  /** Committed values of the keys written since the last commit; null: there was none. */
  readonly #before = new Map<BinaryKey, Uint8Array | null>()
  readonly #read: ValueReader = (key) => this.#entries.get(key) ?? null
  readonly #onDirty: (keyspace: MemoryKeyspace) => void
  #streamTime = -1
  #committedStreamTime = -1
  #sequence = 0
  #committedSequence = 0
  #discards = 0
  readonly #keys = new BinaryKeys()
  #index: SortedKeys | undefined
  #dataBytes = 0
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
    return this.#entries.get(this.#keys.of(key)) ?? null
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const binaryKey = this.#keys.of(key)
    const old = this.#entries.get(binaryKey)
    if (old === undefined && value === null) return
    this.#remember(binaryKey, old, value)
    this.#write(binaryKey, old, value)
  }

  /** Nothing is remembered, because nothing will be taken back: that makes restoring cheaper. */
  restore(key: Uint8Array, value: Uint8Array | null): void {
    const binaryKey = toBinaryKey(key)
    this.#write(binaryKey, this.#entries.get(binaryKey), value)
  }

  #write(binaryKey: BinaryKey, old: Uint8Array | undefined, value: Uint8Array | null): void {
    if (value === null) {
      if (old === undefined) return
      this.#entries.delete(binaryKey)
      this.#index?.delete(binaryKey)
      this.#dataBytes -= binaryKey.length + old.length
    } else {
      this.#entries.set(binaryKey, value)
      this.#dataBytes += value.length
      if (old === undefined) {
        this.#index?.add(binaryKey)
        this.#dataBytes += binaryKey.length
      } else {
        this.#dataBytes -= old.length
      }
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
    const low = from === null ? undefined : toBinaryKey(from)
    const high = to === null ? undefined : toBinaryKey(to)
    for (const key of this.#sortedKeys().deleteRange(low, high)) {
      const old = this.#entries.get(key)!
      this.#remember(key, old, null)
      this.#entries.delete(key)
      this.#dataBytes -= key.length + old.length
    }
  }

  approximateNumEntries(): number {
    return this.#entries.size
  }

  /** Uncommitted writes become committed ones. */
  commit(): void {
    this.#before.clear()
    this.#uncommittedBytes = 0
    this.#isDirty = false
    this.#committedStreamTime = this.#streamTime
    this.#committedSequence = this.#sequence
  }

  /** Puts back what the uncommitted writes replaced. */
  discard(): void {
    for (const [key, value] of this.#before) {
      const current = this.#entries.get(key)
      if (current !== undefined) this.#dataBytes -= key.length + current.length
      if (value === null) {
        this.#entries.delete(key)
        this.#index?.delete(key)
      } else {
        this.#entries.set(key, value)
        this.#index?.add(key)
        this.#dataBytes += key.length + value.length
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
    this.#dataBytes = 0
    this.#streamTime = -1
    this.#sequence = 0
    this.#discards++
    this.commit()
  }

  /** Takes over what a snapshot holds; the keyspace is new. */
  load(snapshot: StoreSnapshot): void {
    for (const [key, value] of snapshot.entries) {
      this.#entries.set(key, value)
      this.#dataBytes += key.length + value.length
    }
    this.#streamTime = snapshot.streamTime
    this.#sequence = snapshot.sequence
    this.commit()
  }

  /** What the last commit left. The entries are valid until the next write. */
  snapshot(): StoreSnapshot {
    let entries: ReadonlyMap<BinaryKey, Uint8Array> = this.#entries
    if (this.#before.size > 0) {
      const committed = new Map(this.#entries)
      for (const [key, value] of this.#before) {
        if (value === null) committed.delete(key)
        else committed.set(key, value)
      }
      entries = committed
    }
    return { name: this.name, streamTime: this.#committedStreamTime, sequence: this.#committedSequence, entries }
  }

  /** A read-only keyspace of the committed entries. */
  committed(): Keyspace {
    return new CommittedKeyspace(
      this,
      () => this.#before,
      () => this.#sortedKeys(),
      (key) => {
        const value = this.#before.get(key)
        return value === undefined ? this.#read(key) : value
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
    return this.#dataBytes + this.#entries.size * ENTRY_OVERHEAD_BYTES + index
  }

  #remember(key: BinaryKey, old: Uint8Array | undefined, value: Uint8Array | null): void {
    this.#markDirty()
    const isKnown = this.#before.has(key)
    if (!isKnown) this.#before.set(key, old ?? null)
    this.#uncommittedBytes += (value?.length ?? 0) + (isKnown ? -(old?.length ?? 0) : key.length)
  }

  #markDirty(): void {
    if (this.#isDirty) return
    this.#isDirty = true
    this.#onDirty(this)
  }

  #sortedKeys(): SortedKeys {
    this.#index ??= SortedKeys.of(this.#entries.keys())
    return this.#index
  }
}
