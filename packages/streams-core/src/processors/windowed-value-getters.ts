import type { SessionStore, TimestampedWindowStore } from '../state/state-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { Windowed } from '../windows/window.ts'
import type { ProcessorContext } from './processor.ts'
import type { ValueGetter, ValueGetterSupplier } from './value-getter.ts'

/** Reads a table of windows from its store. */
export function windowValueGetter<K, V>(storeName: string): ValueGetterSupplier<Windowed<K>, V> {
  return { storeNames: [storeName], get: () => new WindowValueGetter(storeName) }
}

/** Reads a table of sessions from its store. A row's timestamp is the session's end. */
export function sessionValueGetter<K, V>(storeName: string): ValueGetterSupplier<Windowed<K>, V> {
  return { storeNames: [storeName], get: () => new SessionValueGetter(storeName) }
}

abstract class WindowedValueGetter<K, V> implements ValueGetter<Windowed<K>, V> {
  readonly isVersioned = false
  protected readonly storeName: string

  constructor(storeName: string) {
    this.storeName = storeName
  }

  abstract init(context: ProcessorContext<unknown, unknown>): void
  abstract get(key: Windowed<K>): ValueAndTimestamp<V> | null

  getAsOf(): never {
    throw new TypeError(`Store '${this.storeName}' is not versioned.`)
  }
}

class WindowValueGetter<K, V> extends WindowedValueGetter<K, V> {
  #store!: TimestampedWindowStore<K, V>

  override init(context: ProcessorContext<unknown, unknown>): void {
    this.#store = context.getStateStore(this.storeName)
  }

  override get(key: Windowed<K>): ValueAndTimestamp<V> | null {
    return this.#store.fetchOne(key.key, key.window.start)
  }
}

class SessionValueGetter<K, V> extends WindowedValueGetter<K, V> {
  #store!: SessionStore<K, V>

  override init(context: ProcessorContext<unknown, unknown>): void {
    this.#store = context.getStateStore(this.storeName)
  }

  override get({ key, window }: Windowed<K>): ValueAndTimestamp<V> | null {
    const value = this.#store.fetchSession(key, window.start, window.end)
    return value === null ? null : { value, timestamp: window.end }
  }
}
