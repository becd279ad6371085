import { afterPrefix, compareBytes } from '../binary-key.ts'
import type { KeyValueBytesStore } from '../bytes-store.ts'
import { KeyspaceStore } from '../keyspace-store.ts'
import { emptyIterator, StepIterator } from '../step-iterator.ts'
import type { StoreIterator } from '../store-iterator.ts'

/**
 * A key-value store over one keyspace; the same for both engines.
 * @see org.apache.kafka.streams.state.internals.RocksDBStore, org.apache.kafka.streams.state.internals.InMemoryKeyValueStore
 */
export function keyValueStore(name: string): KeyValueBytesStore {
  return new KeyValueStore(name)
}

export class KeyValueStore extends KeyspaceStore implements KeyValueBytesStore {
  get(key: Uint8Array): Uint8Array | null {
    return this.open('get').get(key)
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.open('put').put(key, value)
  }

  putIfAbsent(key: Uint8Array, value: Uint8Array | null): Uint8Array | null {
    const before = this.get(key)
    if (before === null) this.put(key, value)
    return before
  }

  delete(key: Uint8Array): Uint8Array | null {
    const before = this.get(key)
    if (before !== null) this.put(key, null)
    return before
  }

  range(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array> {
    const keyspace = this.open('range')
    return isInverted(from, to) ? emptyIterator() : keyspace.range(from, to)
  }

  reverseRange(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array> {
    const keyspace = this.open('reverseRange')
    return isInverted(from, to) ? emptyIterator() : keyspace.range(from, to, true)
  }

  prefixScan(prefix: Uint8Array): StoreIterator<Uint8Array, Uint8Array> {
    const keyspace = this.open('prefixScan')
    const end = afterPrefix(prefix)
    return end === null ? keyspace.range(prefix, null) : new UntilKey(keyspace.range(prefix, end), end)
  }

  approximateNumEntries(): number {
    return this.open('approximateNumEntries').approximateNumEntries()
  }

  restore(key: Uint8Array, value: Uint8Array | null): void {
    const keyspace = this.open('restore')
    if (keyspace.restore === undefined) keyspace.put(key, value)
    else keyspace.restore(key, value)
  }
}

/** True when the range from `from` to `to` cannot hold a key. */
export function isInverted(from: Uint8Array | null, to: Uint8Array | null): boolean {
  return from !== null && to !== null && compareBytes(from, to) > 0
}

/** The entries of an iterator before a key. */
export class UntilKey<V> extends StepIterator<Uint8Array, V> {
  readonly #entries: StoreIterator<Uint8Array, V>
  readonly #end: Uint8Array

  constructor(entries: StoreIterator<Uint8Array, V>, end: Uint8Array) {
    super()
    this.#entries = entries
    this.#end = end
  }

  protected override step(): [Uint8Array, V] | undefined {
    const key = this.#entries.peekNextKey()
    if (key === undefined || compareBytes(key, this.#end) >= 0) return undefined
    return this.#entries.next().value
  }

  protected override release(): void {
    this.#entries.close()
  }
}
