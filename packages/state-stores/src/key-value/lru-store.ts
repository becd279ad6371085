import { fromBinaryKey, toBinaryKey } from '../binary-key.ts'
import type { BytesStoreContext, KeyValueBytesStore } from '../bytes-store.ts'
import { StoreConfigError } from '../store-error.ts'
import { AccessOrder } from './access-order.ts'
import { KeyValueStore } from './key-value-store.ts'

/**
 * A key-value store bounded by a number of entries: a `put` of a new key beyond it removes the entry that was read or written
 * least recently. Ranges do not count as use. After a restart the entries are in key order.
 * @see org.apache.kafka.streams.state.internals.MemoryNavigableLRUCache
 */
export function lruStore(name: string, maxEntries: number): KeyValueBytesStore {
  if (!Number.isSafeInteger(maxEntries) || maxEntries < 0) {
    throw new StoreConfigError(name, `maxEntries is ${maxEntries}`, 'Give a whole number, 0 or more')
  }
  return new LruStore(name, maxEntries)
}

class LruStore extends KeyValueStore implements KeyValueBytesStore {
  readonly maxEntries: number
  readonly #order = new AccessOrder()
  #discards = 0
  #listener: ((key: Uint8Array) => void) | undefined

  constructor(name: string, maxEntries: number) {
    super(name)
    this.maxEntries = maxEntries
  }

  override init(context: BytesStoreContext): void {
    super.init(context)
    this.#reorder()
  }

  setEvictionListener(listener: (key: Uint8Array) => void): void {
    this.#listener = listener
  }

  override get(key: Uint8Array): Uint8Array | null {
    const value = super.get(key)
    if (value !== null) this.#currentOrder().use(toBinaryKey(key))
    return value
  }

  override put(key: Uint8Array, value: Uint8Array | null): void {
    this.#write(key, value, this.#listener)
  }

  override restore(key: Uint8Array, value: Uint8Array | null): void {
    this.#write(key, value, undefined)
  }

  #write(key: Uint8Array, value: Uint8Array | null, onEvict: ((key: Uint8Array) => void) | undefined): void {
    const order = this.#currentOrder()
    super.put(key, value)
    if (value === null) {
      order.delete(toBinaryKey(key))
      return
    }
    order.use(toBinaryKey(key))
    if (order.size <= this.maxEntries) return
    const eldest = order.eldest!
    const eldestKey = fromBinaryKey(eldest)
    onEvict?.(eldestKey)
    super.put(eldestKey, null)
    order.delete(eldest)
  }

  #currentOrder(): AccessOrder {
    if (this.open('put').discards !== this.#discards) this.#reorder()
    return this.#order
  }

  #reorder(): void {
    const keyspace = this.open('init')
    this.#discards = keyspace.discards
    this.#order.clear()
    for (const [key] of keyspace.range(null, null)) this.#order.use(toBinaryKey(key))
  }
}
