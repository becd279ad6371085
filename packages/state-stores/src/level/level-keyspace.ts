import { type BinaryKey, fromBinaryKey, toBinaryKey } from '../binary-key.ts'
import { CommittedKeyspace } from '../engine/committed-keyspace.ts'
import { hashBytes, LastHash } from '../engine/hash-bytes.ts'
import { SortedKeys } from '../engine/sorted-keys.ts'
import { type ValueReader, WalkIterator } from '../engine/walk-iterator.ts'
import type { Keyspace, KeyspaceIterator } from '../state-engine.ts'
import type { StoreRecord } from './commit-record.ts'
import { KeysAhead } from './keys-ahead.ts'
import { Layer } from './layer.ts'
import type { CacheSection } from './read-cache.ts'

const INDEX_ENTRY_BYTES = 60

/** What a keyspace asks of its engine. */
export interface LevelHost {
  /** A value of LevelDB, as of the last batch that has resolved. */
  read(storeId: number, key: Uint8Array): Uint8Array | null
  /** All keys that a store has in LevelDB, in any order; blocks. */
  loadKeys(storeId: number): BinaryKey[]
  markDirty(keyspace: LevelKeyspace): void
}

/**
 * One store's entries in LevelDB, under layers that LevelDB does not have yet: the overlay of uncommitted writes on top, then
 * committed batches whose write has not resolved, newest first. Below them a cache of what LevelDB holds.
 *
 * The sorted index of keys is built at the first range, which reads all the store's keys and blocks meanwhile; a store that was
 * ranged over once has its index built when the directory is opened.
 */
export class LevelKeyspace implements Keyspace {
  readonly name: string
  readonly #host: LevelHost
  readonly #cache: CacheSection
  #overlay = new Layer()
  readonly #pending: Layer[] = []
  #storeId: number
  #index: SortedKeys | undefined
  #hasLevelData: boolean
  #streamTime: number
  #sequence: number
  #numEntries: number
  #committed: Pick<StoreRecord, 'streamTime' | 'sequence' | 'numEntries'>
  #isOrdered: boolean
  #isDirty = false
  #discards = 0
  readonly #hashes = new LastHash()
  /** Of reads that are under way; the one that runs just now. */
  readonly #aheads = new Set<KeysAhead>()
  #ahead: KeysAhead | undefined
  readonly #reader: ValueReader = (_key, bytes) => this.#read(bytes, hashBytes(bytes))
  readonly #committedReader: ValueReader = (_key, bytes) => this.#readCommitted(bytes, hashBytes(bytes))

  /** `isNew`: LevelDB has nothing of the store yet. `keys`: all its keys, if they have been read. */
  constructor(
    name: string,
    record: StoreRecord,
    isNew: boolean,
    host: LevelHost,
    cache: CacheSection,
    keys: BinaryKey[] | undefined,
  ) {
    this.name = name
    this.#storeId = record.id
    this.#host = host
    this.#cache = cache
    this.#streamTime = record.streamTime
    this.#sequence = record.sequence
    this.#numEntries = record.numEntries
    this.#committed = record
    this.#isOrdered = record.isOrdered
    this.#hasLevelData = !isNew
    if (keys !== undefined) this.#index = SortedKeys.of(keys)
  }

  get storeId(): number {
    return this.#storeId
  }

  get streamTime(): number {
    return this.#streamTime
  }

  set streamTime(time: number) {
    this.#streamTime = time
    this.#markDirty()
  }

  get sequence(): number {
    return this.#sequence
  }

  set sequence(sequence: number) {
    this.#sequence = sequence
    this.#markDirty()
  }

  get discards(): number {
    return this.#discards
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.#read(key, this.#hashes.of(key))
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    const hash = this.#hashes.of(key)
    this.#count(this.#overlay.has(key, hash) ?? this.#cache.has(key, hash) ?? false, value)
    if (this.#index !== undefined) {
      if (value === null) this.#index.delete(toBinaryKey(key))
      else this.#index.add(toBinaryKey(key))
    }
    this.#overlay.set(key, value, hash)
    this.#markDirty()
  }

  /** Each entry is counted as new, which is put right when the layer is written and the cache is looked at anyway. */
  restore(key: Uint8Array, value: Uint8Array | null): void {
    if (value === null) {
      this.put(key, null)
      return
    }
    if (this.#overlay.add(key, value, hashBytes(key))) this.#numEntries++
    this.#index?.add(toBinaryKey(key))
    this.#markDirty()
  }

  range(from: Uint8Array | null, to: Uint8Array | null, reverse = false): KeyspaceIterator {
    const low = from === null ? undefined : toBinaryKey(from)
    const high = to === null ? undefined : toBinaryKey(to)
    const ahead = this.#rangeAhead(low, high, reverse, this.#reader)
    if (ahead !== undefined) return ahead
    const index = this.#sortedKeys()
    return new WalkIterator(index, index.walk(low, high, reverse), this.#reader)
  }

  deleteRange(from: Uint8Array | null, to: Uint8Array | null): void {
    if (this.#index === undefined) {
      this.#overlay.clear({ from, to })
    } else {
      const low = from === null ? undefined : toBinaryKey(from)
      const high = to === null ? undefined : toBinaryKey(to)
      for (const removed of this.#index.deleteRange(low, high)) {
        const key = fromBinaryKey(removed)
        this.#overlay.set(key, null, hashBytes(key))
      }
    }
    this.#markDirty()
  }

  approximateNumEntries(): number {
    return this.#index?.size ?? Math.max(0, this.#numEntries)
  }

  /** The uncommitted writes, which from now on count as committed; undefined when there are none. */
  takeOverlay(): Layer {
    const layer = this.#overlay
    this.#overlay = new Layer()
    this.#pending.push(layer)
    this.#isDirty = false
    this.#committed = {
      streamTime: this.#streamTime,
      sequence: this.#sequence,
      numEntries: this.approximateNumEntries(),
    }
    return layer
  }

  /** From now on what is written to LevelDB is noted there, until `endAhead`. */
  beginAhead(): KeysAhead {
    const ahead = new KeysAhead()
    this.#aheads.add(ahead)
    return ahead
  }

  endAhead(ahead: KeysAhead): void {
    this.#aheads.delete(ahead)
  }

  /** Runs a read whose ranges take their keys from there, unless all keys are in memory anyway. */
  readWith<R>(ahead: KeysAhead, read: () => R): R {
    this.#ahead = ahead
    try {
      return read()
    } finally {
      this.#ahead = undefined
    }
  }

  /** LevelDB has the oldest layer that was taken. */
  layerWritten(): void {
    const layer = this.#pending.shift()!
    for (const ahead of this.#aheads) ahead.note(layer)
    if (layer.cleared.length > 0) this.#cache.forget((key) => layer.isCleared(key))
    for (const [key, value] of layer.entries.entries()) {
      const hadValue = this.#cache.set(key, value, hashBytes(key))
      if (layer.isRestored && value !== null && hadValue) this.#numEntries--
    }
    this.#hasLevelData = true
  }

  discard(): void {
    const overlay = this.#overlay
    this.#overlay = new Layer()
    if (overlay.cleared.length > 0) {
      this.#index = undefined
    } else if (this.#index !== undefined) {
      for (const key of overlay.entries.keys()) {
        if (this.#readCommitted(key, hashBytes(key)) === null) this.#index.delete(toBinaryKey(key))
        else this.#index.add(toBinaryKey(key))
      }
    }
    this.#streamTime = this.#committed.streamTime
    this.#sequence = this.#committed.sequence
    this.#numEntries = this.#committed.numEntries
    this.#isDirty = false
    this.#discards++
  }

  /** Starts anew, without entries, under another id. */
  reset(record: StoreRecord): void {
    this.#storeId = record.id
    this.#overlay = new Layer()
    this.#cache.clear()
    this.#index?.deleteRange(undefined, undefined)
    this.#hasLevelData = false
    this.#streamTime = record.streamTime
    this.#sequence = record.sequence
    this.#numEntries = record.numEntries
    this.#committed = record
    this.#isDirty = false
    this.#discards++
  }

  committed(): Keyspace {
    const before = new Map<BinaryKey, Uint8Array | null>()
    return new CommittedKeyspace(
      this,
      () => {
        before.clear()
        for (const key of this.#overlay.entries.keys()) {
          before.set(toBinaryKey(key), this.#readCommitted(key, hashBytes(key)))
        }
        return before
      },
      () => this.#sortedKeys(),
      this.#committedReader,
      () => this.#committed.streamTime,
      (low, high, reverse) => this.#rangeAhead(low, high, reverse, this.#committedReader),
    )
  }

  /** What the next commit keeps about the store. */
  record(): StoreRecord {
    return { id: this.#storeId, ...this.#committed, isOrdered: this.#isOrdered }
  }

  /** Committed layers that LevelDB does not have yet, oldest first. */
  get pendingLayers(): readonly Layer[] {
    return this.#pending
  }

  get openIterators(): number {
    return this.#index?.openWalks ?? 0
  }

  get uncommittedBytes(): number {
    return this.#overlay.bytes
  }

  get memoryBytes(): number {
    let bytes = this.#overlay.bytes + (this.#index?.size ?? 0) * INDEX_ENTRY_BYTES
    for (const layer of this.#pending) bytes += layer.bytes
    return bytes
  }

  #rangeAhead(
    low: BinaryKey | undefined,
    high: BinaryKey | undefined,
    reverse: boolean,
    read: ValueReader,
  ): KeyspaceIterator | undefined {
    if (this.#ahead === undefined || this.#index !== undefined) return undefined
    return this.#ahead.range(low, high, reverse, [...this.#pending, this.#overlay], read)
  }

  #read(key: Uint8Array, hash: number): Uint8Array | null {
    const value = this.#overlay.get(key, hash)
    return value === undefined ? this.#readCommitted(key, hash) : value
  }

  #readCommitted(key: Uint8Array, hash: number): Uint8Array | null {
    for (let i = this.#pending.length - 1; i >= 0; i--) {
      const value = this.#pending[i]!.get(key, hash)
      if (value !== undefined) return value
    }
    const cached = this.#cache.get(key, hash)
    if (cached !== undefined) return cached
    if (!this.#hasLevelData) return null
    const value = this.#host.read(this.#storeId, key)
    this.#cache.set(key, value, hash)
    return value
  }

  /** Keeps the estimated number of entries; `hadValue` is what is known without reading LevelDB. */
  #count(hadValue: boolean, value: Uint8Array | null): void {
    if (value === null) {
      if (hadValue) this.#numEntries--
    } else if (!hadValue) {
      this.#numEntries++
    }
  }

  #sortedKeys(): SortedKeys {
    if (this.#index !== undefined) return this.#index
    this.#isOrdered = true
    this.#markDirty()
    const keys = new Set(this.#hasLevelData ? this.#host.loadKeys(this.#storeId) : [])
    for (const layer of [...this.#pending, this.#overlay]) {
      if (layer.cleared.length > 0) for (const key of keys) if (layer.isCleared(fromBinaryKey(key))) keys.delete(key)
      for (const [key, value] of layer.entries.entries()) {
        if (value === null) keys.delete(toBinaryKey(key))
        else keys.add(toBinaryKey(key))
      }
    }
    this.#index = SortedKeys.of(keys)
    return this.#index
  }

  #markDirty(): void {
    if (this.#isDirty) return
    this.#isDirty = true
    this.#host.markDirty(this)
  }
}
