import { InvalidStateStoreError } from '../errors.ts'
import { hasImmutableValues } from '../state/immutable-values.ts'
import type { StateStore, TimestampedKeyValueStore, VersionedKeyValueStore } from '../state/state-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { ProcessorContext } from './processor.ts'

/** What `TableStore.put` gives for a version that was too old to be kept: nothing is to be forwarded. */
export const notPut = -1

/**
 * The store behind a table: a timestamped or a versioned key-value store, used in one way.
 * @see org.apache.kafka.streams.state.internals.KeyValueStoreWrapper
 */
export class TableStore<K, V> {
  readonly store: StateStore
  readonly #timestamped: TimestampedKeyValueStore<K, V> | undefined
  readonly #versioned: VersionedKeyValueStore<K, V> | undefined
  readonly #immutableValues: boolean

  /** @throws InvalidStateStoreError when the store is neither timestamped nor versioned. */
  constructor(context: ProcessorContext<unknown, unknown>, storeName: string) {
    const store = context.getStateStore<StateStore>(storeName)
    if ('getAsOf' in store) this.#versioned = store as unknown as VersionedKeyValueStore<K, V>
    else if ('prefixScan' in store) this.#timestamped = store as unknown as TimestampedKeyValueStore<K, V>
    else {
      const fix = 'A table needs a timestamped or a versioned key-value store.'
      throw new InvalidStateStoreError(storeName, `Store '${storeName}' cannot hold a table. ${fix}`)
    }
    this.store = store
    this.#immutableValues = hasImmutableValues(store)
  }

  get isVersioned(): boolean {
    return this.#versioned !== undefined
  }

  get(key: K): ValueAndTimestamp<V> | null {
    return this.#timestamped !== undefined ? this.#timestamped.get(key) : this.#versioned!.get(key)
  }

  /** Only for a versioned store. */
  getAsOf(key: K, asOf: number): ValueAndTimestamp<V> | null {
    return this.#versioned!.getAsOf(key, asOf)
  }

  /**
   * The stored value as it was read, for use as old value. User code may have changed the object `stored` in place,
   * so it is read again unless the serde's values cannot be changed.
   */
  unchangedValue(key: K, stored: ValueAndTimestamp<V> | null): V | null {
    if (stored === null) return null
    return this.#immutableValues ? stored.value : this.get(key)!.value
  }

  /** Null deletes. Undefined: now the newest; {@link notPut}: too old; else the time until which this older version was valid. */
  put(key: K, value: V | null, timestamp: number): number | undefined {
    if (this.#timestamped === undefined) return this.#versioned!.put(key, value, timestamp)
    this.#timestamped.put(key, value === null ? null : { value, timestamp })
    return undefined
  }
}
