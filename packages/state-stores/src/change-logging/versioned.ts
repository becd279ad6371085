import type { BytesStoreContext, VersionedBytes, VersionedBytesStore } from '../bytes-store.ts'
import type { StoreIterator } from '../store-iterator.ts'
import type { LogChange } from './log-change.ts'

/**
 * Logs each write of a versioned store, after it was made, with the version's timestamp; also one that was too old to be kept.
 * @see org.apache.kafka.streams.state.internals.ChangeLoggingVersionedKeyValueBytesStore
 */
export function changeLoggingVersionedStore(inner: VersionedBytesStore, logChange: LogChange): VersionedBytesStore {
  return new ChangeLoggingVersionedStore(inner, logChange)
}

class ChangeLoggingVersionedStore implements VersionedBytesStore {
  readonly name: string
  readonly historyRetentionMs: number
  readonly #inner: VersionedBytesStore
  readonly #logChange: LogChange

  constructor(inner: VersionedBytesStore, logChange: LogChange) {
    this.name = inner.name
    this.historyRetentionMs = inner.historyRetentionMs
    this.#inner = inner
    this.#logChange = logChange
  }

  init(context: BytesStoreContext): void {
    this.#inner.init(context)
  }

  isOpen(): boolean {
    return this.#inner.isOpen()
  }

  close(): void {
    this.#inner.close()
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#inner.restore(key, value, timestamp)
  }

  put(key: Uint8Array, value: Uint8Array | null, timestamp: number): number | undefined {
    const validTo = this.#inner.put(key, value, timestamp)
    this.#logChange(key, value, timestamp)
    return validTo
  }

  delete(key: Uint8Array, timestamp: number): VersionedBytes | null {
    const before = this.#inner.delete(key, timestamp)
    this.#logChange(key, null, timestamp)
    return before
  }

  get(key: Uint8Array): VersionedBytes | null {
    return this.#inner.get(key)
  }

  getAsOf(key: Uint8Array, asOf: number): VersionedBytes | null {
    return this.#inner.getAsOf(key, asOf)
  }

  getRange(key: Uint8Array, from: number, to: number, ascending: boolean): StoreIterator<Uint8Array, VersionedBytes> {
    return this.#inner.getRange(key, from, to, ascending)
  }
}
