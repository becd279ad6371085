import type { KeyValueBytesStore, StoreIterator } from '@millrace/state-stores'
import { MeteredStore } from './metered-store.ts'
import type { KeyValueStore } from './state-store.ts'
import { TypedIterator } from './typed-iterator.ts'

/**
 * A typed key-value store.
 * @see org.apache.kafka.streams.state.internals.MeteredKeyValueStore
 */
export class MeteredKeyValueStore<K, V>
  extends MeteredStore<KeyValueBytesStore, K, K, V>
  implements KeyValueStore<K, V>
{
  get(key: K): V | null {
    return this.#read(this.bytes.get(this.keys.serialize(key)))
  }

  put(key: K, value: V | null): void {
    this.bytes.put(this.keys.serialize(key), this.values.write(value))
  }

  putIfAbsent(key: K, value: V): V | null {
    return this.#read(this.bytes.putIfAbsent(this.keys.serialize(key), this.values.write(value)))
  }

  putAll(entries: Iterable<readonly [K, V | null]>): void {
    for (const [key, value] of entries) this.put(key, value)
  }

  delete(key: K): V | null {
    return this.#read(this.bytes.delete(this.keys.serialize(key)))
  }

  range(from: K | null, to: K | null): StoreIterator<K, V> {
    return this.#entries(this.bytes.range(this.keys.serializeOrNull(from), this.keys.serializeOrNull(to)))
  }

  reverseRange(from: K | null, to: K | null): StoreIterator<K, V> {
    return this.#entries(this.bytes.reverseRange(this.keys.serializeOrNull(from), this.keys.serializeOrNull(to)))
  }

  all(): StoreIterator<K, V> {
    return this.#entries(this.bytes.range(null, null))
  }

  reverseAll(): StoreIterator<K, V> {
    return this.#entries(this.bytes.reverseRange(null, null))
  }

  prefixScan(prefix: Uint8Array): StoreIterator<K, V> {
    return this.#entries(this.bytes.prefixScan(prefix))
  }

  approximateNumEntries(): number {
    return this.bytes.approximateNumEntries()
  }

  protected override storedKey(bytes: Uint8Array): K {
    return this.keys.deserialize(bytes)
  }

  #read(bytes: Uint8Array | null): V | null {
    return bytes === null ? null : this.values.read(bytes)
  }

  #entries(entries: StoreIterator<Uint8Array, Uint8Array>): StoreIterator<K, V> {
    return new TypedIterator(entries, this.#readKey, this.#readValue, this.openIterators)
  }

  readonly #readKey = (bytes: Uint8Array): K => this.keys.deserialize(bytes)
  readonly #readValue = (bytes: Uint8Array): V => this.values.read(bytes)
}
