import type { VersionedBytes, VersionedBytesStore } from '../bytes-store.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { StoreLayer } from '../store-layer.ts'
import type { LogChange } from './log-change.ts'

/**
 * Logs each write of a versioned store, after it was made, with the version's timestamp; also one that was too old to be kept.
 * @see org.apache.kafka.streams.state.internals.ChangeLoggingVersionedKeyValueBytesStore
 */
export function changeLoggingVersionedStore(inner: VersionedBytesStore, logChange: LogChange): VersionedBytesStore {
  return new ChangeLoggingVersionedStore(inner, logChange)
}

class ChangeLoggingVersionedStore extends StoreLayer<VersionedBytesStore> implements VersionedBytesStore {
  readonly historyRetentionMs: number
  readonly #logChange: LogChange

  constructor(inner: VersionedBytesStore, logChange: LogChange) {
    super(inner)
    this.historyRetentionMs = inner.historyRetentionMs
    this.#logChange = logChange
  }

  put(key: Uint8Array, value: Uint8Array | null, timestamp: number): number | undefined {
    const validTo = this.inner.put(key, value, timestamp)
    this.#logChange(key, value, timestamp)
    return validTo
  }

  delete(key: Uint8Array, timestamp: number): VersionedBytes | null {
    const before = this.inner.delete(key, timestamp)
    this.#logChange(key, null, timestamp)
    return before
  }

  get(key: Uint8Array): VersionedBytes | null {
    return this.inner.get(key)
  }

  getAsOf(key: Uint8Array, asOf: number): VersionedBytes | null {
    return this.inner.getAsOf(key, asOf)
  }

  getRange(key: Uint8Array, from: number, to: number, ascending: boolean): StoreIterator<Uint8Array, VersionedBytes> {
    return this.inner.getRange(key, from, to, ascending)
  }
}
