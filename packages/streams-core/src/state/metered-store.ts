import { Headers, type Serde, SerializationError } from '@millrace/serdes'
import type { BytesStore } from '@millrace/state-stores'
import { StateSchemaError } from '../errors.ts'
import { OpenIterators } from '../metrics/open-iterators.ts'
import type { CachedStateStore, FlushListener } from './flush-listener.ts'
import { KeyCodec } from './key-codec.ts'
import type { StoreContext } from './store-context.ts'
import type { StoreLayers } from './store-layers.ts'
import type { ValueCodec, ValueCodecFactory } from './value-codec.ts'

/** What a typed store is made of. */
export interface MeteredStoreParts<B extends BytesStore, K, V> {
  readonly name: string
  readonly persistent: boolean
  /** As the store's supplier has it. */
  readonly metricsScope: string
  readonly keySerde: Serde<K>
  readonly values: ValueCodecFactory<V>
  /** Makes the layers below, when the store is opened. */
  layers(context: StoreContext): StoreLayers<B>
}

/**
 * The typed layer over a bytes store, where values become bytes and bytes values: once each way.
 *
 *   typed store ─► cache? ─► change logging? ─► bytes store
 *
 * `KStored` is the key with its window, if there is one.
 * @see org.apache.kafka.streams.state.internals.MeteredKeyValueStore and its like
 */
export abstract class MeteredStore<B extends BytesStore, K, KStored, V> implements CachedStateStore<KStored, V> {
  readonly name: string
  readonly persistent: boolean
  readonly metricsScope: string
  readonly openIterators = new OpenIterators()
  protected keys!: KeyCodec<K>
  protected values!: ValueCodec<V>
  readonly #parts: MeteredStoreParts<B, K, V>
  #layers: StoreLayers<B> | undefined

  constructor(parts: MeteredStoreParts<B, K, V>) {
    this.name = parts.name
    this.persistent = parts.persistent
    this.metricsScope = parts.metricsScope
    this.#parts = parts
  }

  init(context: StoreContext): void {
    const topic = context.changelogTopic(this.name)
    this.keys = new KeyCodec(this.#parts.keySerde, topic, this.name)
    this.values = this.#parts.values(topic)
    this.#layers = this.#parts.layers(context)
    this.#layers.bytes.init({
      engine: context.engine,
      onExpiredRecord: () => context.recordDropped('store-retention', this.name),
    })
  }

  /** True when a record cache is in front of the store. */
  get isCached(): boolean {
    return this.#layers?.cache !== undefined
  }

  /** The uppermost bytes store. */
  protected get bytes(): B {
    return this.#layers!.bytes
  }

  /** The typed key of a row's bytes key, as it is logged. */
  protected abstract storedKey(bytes: Uint8Array): KStored

  /** Serde of the keys, without their windows. */
  get keySerde(): Serde<K> {
    return this.#parts.keySerde
  }

  /** Serde of the values, without their timestamps. */
  get valueSerde(): Serde<unknown> {
    return this.#parts.values.serde
  }

  /** One changelog record as key and value. */
  readChange(key: Uint8Array, value: Uint8Array | null, timestamp: number): readonly [KStored, V | null] {
    const bytes = value === null ? null : this.values.fromChangelog(value, timestamp)
    return [this.storedKey(key), bytes === null ? null : this.values.read(bytes)]
  }

  /** True when the store's values are {@link ValueAndTimestamp}. */
  get isTimestamped(): boolean {
    return this.values.isTimestamped
  }

  /** True when user code cannot change the values that the store hands out. */
  get immutableValues(): boolean {
    return this.values.isImmutable
  }

  setFlushListener(listener: FlushListener<KStored, V>, sendOldValues: boolean): boolean {
    const cache = this.#layers?.cache
    if (cache === undefined) return false
    cache.setFlushListener((key, newValue, oldValue, context) => {
      const typedNew = newValue === null ? null : this.values.read(newValue)
      const typedOld = oldValue === null ? null : this.values.read(oldValue)
      listener(this.storedKey(key), typedNew, typedOld, context?.timestamp ?? -1, context?.headers ?? Headers.empty)
    }, sendOldValues)
    return true
  }

  flush(): void {
    this.#layers?.cache?.flushCache()
  }

  isOpen(): boolean {
    return this.#layers?.bytes.isOpen() ?? false
  }

  close(): void {
    this.#layers?.bytes.close()
  }

  /** @throws StateSchemaError for a value of a version that the serde cannot read */
  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.bytes.restore(key, value === null ? null : this.#fromChangelog(value, timestamp), timestamp)
  }

  #fromChangelog(value: Uint8Array, timestamp: number): Uint8Array {
    try {
      return this.values.fromChangelog(value, timestamp)
    } catch (error) {
      if (!(error instanceof SerializationError)) throw error
      throw new StateSchemaError(this.name, [], `Store '${this.name}' cannot be restored. ${error.message}`, {
        cause: error,
      })
    }
  }
}
