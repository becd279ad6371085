import {
  type StoreIterator,
  type WindowBytesKey,
  type WindowBytesStore,
  windowKeyBytes,
  windowStart,
} from '@millrace/state-stores'
import { UNLIMITED_END } from '../windows/unlimited-windows.ts'
import type { Windowed } from '../windows/window.ts'
import { MeteredStore } from './metered-store.ts'
import type { WindowStore } from './state-store.ts'
import { TypedIterator } from './typed-iterator.ts'

/**
 * A typed window store. A window's end is its start plus the store's window size.
 * @see org.apache.kafka.streams.state.internals.MeteredWindowStore
 */
export class MeteredWindowStore<K, V>
  extends MeteredStore<WindowBytesStore, K, Windowed<K>, V>
  implements WindowStore<K, V>
{
  get retentionMs(): number {
    return this.bytes.retentionMs
  }

  put(key: K, value: V | null, windowStart: number): void {
    this.bytes.put(this.keys.serialize(key), this.values.write(value), windowStart)
  }

  fetchOne(key: K, windowStart: number): V | null {
    const bytes = this.bytes.fetchOne(this.keys.serialize(key), windowStart)
    return bytes === null ? null : this.values.read(bytes)
  }

  fetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V> {
    return this.#starts(this.bytes.fetch(this.keys.serialize(key), timeFrom, timeTo))
  }

  backwardFetch(key: K, timeFrom: number, timeTo: number): StoreIterator<number, V> {
    return this.#starts(this.bytes.backwardFetch(this.keys.serialize(key), timeFrom, timeTo))
  }

  fetchRange(keyFrom: K | null, keyTo: K | null, timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    const from = this.keys.serializeOrNull(keyFrom)
    return this.#windows(this.bytes.fetchRange(from, this.keys.serializeOrNull(keyTo), timeFrom, timeTo))
  }

  backwardFetchRange(
    keyFrom: K | null,
    keyTo: K | null,
    timeFrom: number,
    timeTo: number,
  ): StoreIterator<Windowed<K>, V> {
    const from = this.keys.serializeOrNull(keyFrom)
    return this.#windows(this.bytes.backwardFetchRange(from, this.keys.serializeOrNull(keyTo), timeFrom, timeTo))
  }

  all(): StoreIterator<Windowed<K>, V> {
    return this.#windows(this.bytes.all())
  }

  backwardAll(): StoreIterator<Windowed<K>, V> {
    return this.#windows(this.bytes.backwardAll())
  }

  fetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return this.#windows(this.bytes.fetchRange(null, null, timeFrom, timeTo))
  }

  backwardFetchAll(timeFrom: number, timeTo: number): StoreIterator<Windowed<K>, V> {
    return this.#windows(this.bytes.backwardFetchRange(null, null, timeFrom, timeTo))
  }

  protected override storedKey(bytes: Uint8Array): Windowed<K> {
    return this.#window(windowKeyBytes(bytes), windowStart(bytes))
  }

  #window(keyBytes: Uint8Array, start: number): Windowed<K> {
    const end = Math.min(start + this.bytes.windowSizeMs, UNLIMITED_END)
    return { key: this.keys.deserialize(keyBytes), window: { start, end } }
  }

  #starts(entries: StoreIterator<WindowBytesKey, Uint8Array>): StoreIterator<number, V> {
    return new TypedIterator(entries, readStart, this.#readValue, this.openIterators)
  }

  #windows(entries: StoreIterator<WindowBytesKey, Uint8Array>): StoreIterator<Windowed<K>, V> {
    return new TypedIterator(entries, this.#readWindow, this.#readValue, this.openIterators)
  }

  readonly #readValue = (bytes: Uint8Array): V => this.values.read(bytes)
  readonly #readWindow = ({ key, start }: WindowBytesKey): Windowed<K> => this.#window(key, start)
}

function readStart(key: WindowBytesKey): number {
  return key.start
}
