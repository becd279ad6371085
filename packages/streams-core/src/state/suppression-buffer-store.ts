import { Headers, type Serde } from '@millrace/serdes'
import { BUFFER_CHANGELOG_HEADERS, type TimeOrderedBuffer, timeOrderedBuffer } from '@millrace/state-stores'
import type { Change } from '../processors/change.ts'
import type { RecordContext } from '../processors/record-context.ts'
import { bufferRecordContext } from './buffer-record-context.ts'
import { KeyCodec } from './key-codec.ts'
import type { StateStore, StoreBuilder } from './state-store.ts'
import { storeBuilder } from './store-builder.ts'
import type { StoreContext } from './store-context.ts'

export interface SuppressionBufferStoreOptions<K, V> {
  readonly name: string
  readonly keySerde: Serde<K>
  readonly valueSerde: Serde<V>
}

/** A change that leaves the buffer. */
export interface SuppressedChange<K, V> {
  readonly key: K
  readonly newValue: V | null
  readonly oldValue: V | null
  readonly context: RecordContext
}

/** The buffer of a suppression. */
export function suppressionBufferStoreBuilder<K, V>(
  options: SuppressionBufferStoreOptions<K, V>,
): StoreBuilder<SuppressionBufferStore<K, V>> {
  return storeBuilder<SuppressionBufferStore<K, V>>({
    name: options.name,
    kind: 'buffer',
    canCache: false,
    build: ({ loggingEnabled }) => new SuppressionBufferStore(options, loggingEnabled),
  })
}

const changelogHeaders = Headers.of(BUFFER_CHANGELOG_HEADERS)

/**
 * The newest change of each key that a suppression holds back, ordered by buffer time. It is logged at each commit.
 * @see org.apache.kafka.streams.state.internals.InMemoryTimeOrderedKeyValueChangeBuffer
 */
export class SuppressionBufferStore<K, V> implements StateStore {
  readonly name: string
  readonly persistent = false
  readonly #options: SuppressionBufferStoreOptions<K, V>
  readonly #loggingEnabled: boolean
  #topic!: string
  #keys!: KeyCodec<K>
  #context!: StoreContext
  #buffer!: TimeOrderedBuffer

  constructor(options: SuppressionBufferStoreOptions<K, V>, loggingEnabled: boolean) {
    this.name = options.name
    this.#options = options
    this.#loggingEnabled = loggingEnabled
  }

  init(context: StoreContext): void {
    const { name, keySerde } = this.#options
    this.#context = context
    this.#topic = context.changelogTopic(name)
    this.#keys = new KeyCodec(keySerde, this.#topic, name)
    this.#buffer = timeOrderedBuffer(name)
    this.#buffer.init({
      engine: context.engine,
      onExpiredRecord: () => context.recordDropped('store-retention', this.name),
    })
  }

  get numRecords(): number {
    return this.#buffer.numRecords
  }

  /** Bytes, as Java reckons them. */
  get bufferSize(): number {
    return this.#buffer.bufferSize
  }

  /** The smallest buffer time; Infinity when empty. */
  get minTimestamp(): number {
    return this.#buffer.minTimestamp
  }

  /** A key that is there already keeps its place. */
  put(time: number, key: K, change: Change<V>, context: RecordContext): void {
    const oldValue = this.#write(change.oldValue)
    this.#buffer.put(time, this.#keys.serialize(key), oldValue, this.#write(change.newValue), context)
  }

  /**
   * Hands on and removes changes, oldest first, while the predicate holds. Their old value is the one that was handed on last;
   * with `upstreamOldValue` the one that the newest change came with.
   */
  evictWhile(
    predicate: () => boolean,
    upstreamOldValue: boolean,
    emit: (change: SuppressedChange<K, V>) => void,
  ): void {
    this.#buffer.evictWhile(predicate, ({ key, newValue, oldValue, context }) => {
      const old = upstreamOldValue ? oldValue : (this.#buffer.priorValueForBuffered(key) ?? null)
      emit({
        key: this.#keys.deserialize(key),
        newValue: this.#read(newValue),
        oldValue: this.#read(old),
        context: bufferRecordContext(context),
      })
    })
  }

  /** The value handed on last for a key in the buffer; undefined when the key is not there. */
  priorValueForBuffered(key: K): V | null | undefined {
    const bytes = this.#buffer.priorValueForBuffered(this.#keys.serialize(key))
    return bytes === undefined ? undefined : this.#read(bytes)
  }

  flush(): void {
    this.#buffer.flush((key, value) => {
      if (!this.#loggingEnabled) return
      const timestamp = this.#context.currentStreamTimeMs()
      this.#context.logChange(this.name, key, value, timestamp, value === null ? Headers.empty : changelogHeaders)
    })
  }

  isOpen(): boolean {
    return this.#buffer.isOpen()
  }

  close(): void {
    this.#buffer.close()
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#buffer.restore(key, value, timestamp)
  }

  #write(value: V | null): Uint8Array | null {
    return value === null ? null : this.#options.valueSerde.serialize(this.#topic, value)
  }

  #read(bytes: Uint8Array | null): V | null {
    return bytes === null ? null : this.#options.valueSerde.deserialize(this.#topic, bytes)
  }
}
