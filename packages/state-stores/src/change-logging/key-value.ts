import type { KeyValueBytesStore } from '../bytes-store.ts'
import type { StoreIterator } from '../store-iterator.ts'
import { StoreLayer } from '../store-layer.ts'
import { ChangeLogger, type ChangeLoggingOptions, type LogChange } from './log-change.ts'

/**
 * Logs each write of a key-value store, after it was made; an LRU store's evictions before the write that caused them, but only
 * where values are plain: Java does not see through the wrapper that it puts around a store of timestamped values.
 * A `putIfAbsent` that wrote nothing is not logged, a `delete` always is.
 * @see org.apache.kafka.streams.state.internals.ChangeLoggingKeyValueBytesStore, ChangeLoggingTimestampedKeyValueBytesStore
 */
export function changeLoggingKeyValueStore(
  inner: KeyValueBytesStore,
  logChange: LogChange,
  options: ChangeLoggingOptions = {},
): KeyValueBytesStore {
  const logger = new ChangeLogger(logChange, options)
  if (options.timestamped !== true) inner.setEvictionListener?.((key) => logger.log(key, null))
  return new ChangeLoggingKeyValueStore(inner, logger)
}

class ChangeLoggingKeyValueStore extends StoreLayer<KeyValueBytesStore> implements KeyValueBytesStore {
  readonly #logger: ChangeLogger

  constructor(inner: KeyValueBytesStore, logger: ChangeLogger) {
    super(inner)
    this.#logger = logger
  }

  get(key: Uint8Array): Uint8Array | null {
    return this.inner.get(key)
  }

  put(key: Uint8Array, value: Uint8Array | null): void {
    this.inner.put(key, value)
    this.#logger.log(key, value)
  }

  putIfAbsent(key: Uint8Array, value: Uint8Array | null): Uint8Array | null {
    const before = this.inner.putIfAbsent(key, value)
    if (before === null) this.#logger.log(key, value)
    return before
  }

  delete(key: Uint8Array): Uint8Array | null {
    const before = this.inner.delete(key)
    this.#logger.log(key, null)
    return before
  }

  range(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array> {
    return this.inner.range(from, to)
  }

  reverseRange(from: Uint8Array | null, to: Uint8Array | null): StoreIterator<Uint8Array, Uint8Array> {
    return this.inner.reverseRange(from, to)
  }

  prefixScan(prefix: Uint8Array): StoreIterator<Uint8Array, Uint8Array> {
    return this.inner.prefixScan(prefix)
  }

  approximateNumEntries(): number {
    return this.inner.approximateNumEntries()
  }
}
