import type { StoreIterator, VersionedBytes, VersionedBytesStore } from '@millrace/state-stores'
import { MeteredStore } from './metered-store.ts'
import type { VersionedKeyValueStore, VersionedRecord } from './state-store.ts'
import { TypedIterator } from './typed-iterator.ts'

/**
 * A typed versioned key-value store. It has no cache.
 * @see org.apache.kafka.streams.state.internals.MeteredVersionedKeyValueStore
 */
export class MeteredVersionedStore<K, V>
  extends MeteredStore<VersionedBytesStore, K, K, V>
  implements VersionedKeyValueStore<K, V>
{
  put(key: K, value: V | null, timestamp: number): number | undefined {
    return this.bytes.put(this.keys.serialize(key), this.values.write(value), timestamp)
  }

  delete(key: K, timestamp: number): VersionedRecord<V> | null {
    return this.#read(this.bytes.delete(this.keys.serialize(key), timestamp))
  }

  get(key: K): VersionedRecord<V> | null {
    return this.#read(this.bytes.get(this.keys.serialize(key)))
  }

  getAsOf(key: K, asOf: number): VersionedRecord<V> | null {
    return this.#read(this.bytes.getAsOf(this.keys.serialize(key), asOf))
  }

  /** Versions valid anywhere in `[from, to]`, by time. */
  getRange(key: K, from: number, to: number, ascending: boolean): StoreIterator<K, VersionedRecord<V>> {
    const versions = this.bytes.getRange(this.keys.serialize(key), from, to, ascending)
    return new TypedIterator(
      versions,
      (bytes: Uint8Array) => this.keys.deserialize(bytes),
      (version: VersionedBytes) => this.#typed(version),
      this.openIterators,
    )
  }

  protected override storedKey(bytes: Uint8Array): K {
    return this.keys.deserialize(bytes)
  }

  #read(version: VersionedBytes | null): VersionedRecord<V> | null {
    return version === null ? null : this.#typed(version)
  }

  #typed({ value, timestamp, validTo }: VersionedBytes): VersionedRecord<V> {
    return { value: this.values.read(value), timestamp, validTo }
  }
}
