import { type BinaryKey, toBinaryKey } from '../binary-key.ts'
import { SortedKeys } from '../engine/sorted-keys.ts'
import { WalkIterator } from '../engine/walk-iterator.ts'
import type { RangeSource, SkippingIterator } from '../range-source.ts'

/** One entry of a cache. A null value is a tombstone which the store has not seen yet. */
export interface CacheEntry<C> {
  readonly value: Uint8Array | null
  /** The context of the record that made the value; undefined for a value that was read from the store. */
  readonly context: C | undefined
}

/** An entry on its way from a cache to the store. */
export interface DirtyEntry<C> {
  readonly key: Uint8Array
  readonly value: Uint8Array | null
  readonly context: C
}

/** What a cache asks of the budget that it shares with others. */
export interface CacheBudget<C> {
  /** Bytes which an entry counts. */
  entryBytes(key: Uint8Array, entry: CacheEntry<C>): number
  /** The cache grew (or shrank) by that many bytes. */
  grow(bytes: number): void
}

interface Node<C> extends CacheEntry<C> {
  readonly key: Uint8Array
  readonly binaryKey: BinaryKey
  value: Uint8Array | null
  context: C | undefined
  bytes: number
  isDirty: boolean
  /** Towards more and less recent use. */
  newer: Node<C> | undefined
  older: Node<C> | undefined
}

/**
 * The cache of one store: entries by key, their order of use, and the keys whose values the store has not seen, in the order of
 * their last change.
 *
 * A flush hands all dirty entries to the listener at once and keeps them as clean ones, but tombstones go. Evicting a dirty entry
 * flushes all dirty entries, itself first.
 * @see org.apache.kafka.streams.state.internals.NamedCache
 */
export class NamedCache<C> implements RangeSource<CacheEntry<C>> {
  readonly name: string
  readonly #budget: CacheBudget<C>
  readonly #onFlush: (entries: readonly DirtyEntry<C>[]) => void
  readonly #nodes = new Map<BinaryKey, Node<C>>()
  readonly #dirty = new Set<Node<C>>()
  #index: SortedKeys | undefined
  #newest: Node<C> | undefined
  #eldest: Node<C> | undefined
  #bytes = 0
  #hits = 0
  #misses = 0

  constructor(name: string, budget: CacheBudget<C>, onFlush: (entries: readonly DirtyEntry<C>[]) => void) {
    this.name = name
    this.#budget = budget
    this.#onFlush = onFlush
  }

  get size(): number {
    return this.#nodes.size
  }

  get sizeBytes(): number {
    return this.#bytes
  }

  get hits(): number {
    return this.#hits
  }

  get misses(): number {
    return this.#misses
  }

  get(key: Uint8Array): CacheEntry<C> | undefined {
    return this.#use(toBinaryKey(key)) ?? undefined
  }

  /** Keeps a value that was read from the store. */
  putClean(key: Uint8Array, value: Uint8Array): void {
    this.#put(key, value, undefined)
  }

  /** Keeps a value, or a tombstone, which the store is to see at the next flush. */
  putDirty(key: Uint8Array, value: Uint8Array | null, context: C): void {
    const node = this.#put(key, value, context)
    // Out and in again: the order of flushing is the order of the last changes.
    if (node.isDirty) this.#dirty.delete(node)
    node.isDirty = true
    this.#dirty.add(node)
  }

  range(from: Uint8Array | null, to: Uint8Array | null, reverse = false): SkippingIterator<CacheEntry<C>> {
    this.#index ??= SortedKeys.of(this.#nodes.keys())
    const low = from === null ? undefined : toBinaryKey(from)
    const high = to === null ? undefined : toBinaryKey(to)
    return new WalkIterator(this.#index, this.#index.walk(low, high, reverse), (key) => this.#use(key))
  }

  /** Hands the dirty entries to the listener. */
  flush(): void {
    if (this.#dirty.size > 0) this.#flushDirty([])
  }

  /** Removes the entry that was not used for the longest time; false when there is none. */
  evict(): boolean {
    const node = this.#eldest
    if (node === undefined) return false
    this.#remove(node)
    if (node.isDirty) {
      this.#dirty.delete(node)
      this.#flushDirty([node])
    }
    return true
  }

  /** Forgets all entries, dirty ones too. */
  clear(): void {
    this.#budget.grow(-this.#bytes)
    this.#bytes = 0
    this.#nodes.clear()
    this.#dirty.clear()
    this.#index = undefined
    this.#newest = undefined
    this.#eldest = undefined
  }

  #flushDirty(nodes: Node<C>[]): void {
    for (const node of this.#dirty) nodes.push(node)
    // Before the listener is called, because what it forwards may come back here.
    this.#dirty.clear()
    const entries = nodes.map((node) => ({ key: node.key, value: node.value, context: node.context as C }))
    for (const node of nodes) node.isDirty = false
    this.#onFlush(entries)
    for (const node of nodes) {
      if (node.value === null && !node.isDirty && this.#nodes.get(node.binaryKey) === node) this.#remove(node)
    }
  }

  #put(key: Uint8Array, value: Uint8Array | null, context: C | undefined): Node<C> {
    const binaryKey = toBinaryKey(key)
    let node = this.#nodes.get(binaryKey)
    if (node === undefined) {
      node = { key, binaryKey, value, context, bytes: 0, isDirty: false, newer: undefined, older: undefined }
      this.#nodes.set(binaryKey, node)
      this.#index?.add(binaryKey)
      this.#linkNewest(node)
    } else {
      node.value = value
      node.context = context
      this.#moveToNewest(node)
    }
    const bytes = this.#budget.entryBytes(key, node)
    this.#grow(bytes - node.bytes)
    node.bytes = bytes
    return node
  }

  #use(binaryKey: BinaryKey): Node<C> | null {
    const node = this.#nodes.get(binaryKey)
    if (node === undefined) {
      this.#misses++
      return null
    }
    this.#hits++
    this.#moveToNewest(node)
    return node
  }

  #remove(node: Node<C>): void {
    this.#nodes.delete(node.binaryKey)
    this.#index?.delete(node.binaryKey)
    this.#unlink(node)
    this.#grow(-node.bytes)
  }

  #grow(bytes: number): void {
    this.#bytes += bytes
    this.#budget.grow(bytes)
  }

  #moveToNewest(node: Node<C>): void {
    if (node === this.#newest) return
    this.#unlink(node)
    this.#linkNewest(node)
  }

  #linkNewest(node: Node<C>): void {
    node.older = this.#newest
    node.newer = undefined
    if (this.#newest === undefined) this.#eldest = node
    else this.#newest.newer = node
    this.#newest = node
  }

  #unlink(node: Node<C>): void {
    if (node.newer === undefined) this.#newest = node.older
    else node.newer.older = node.older
    if (node.older === undefined) this.#eldest = node.newer
    else node.older.newer = node.newer
  }
}
