import type { Serde } from '@millrace/serdes'
import { type GraceBuffer, type GraceBufferEviction, graceBuffer } from '@millrace/state-stores'
import { Record } from '../processors/record.ts'
import type { RecordContext } from '../processors/record-context.ts'
import { bufferRecordContext } from './buffer-record-context.ts'
import { KeyCodec } from './key-codec.ts'
import type { StateStore, StoreBuilder } from './state-store.ts'
import { storeBuilder } from './store-builder.ts'
import type { StoreContext } from './store-context.ts'
import { changeLogger } from './store-layers.ts'

export interface JoinBufferStoreOptions<K, V> {
  readonly name: string
  /** How long a record waits, ms of stream time. */
  readonly graceMs: number
  readonly keySerde: Serde<K>
  readonly valueSerde: Serde<V>
}

/** A buffer for a stream-table join with grace. */
export function joinBufferStoreBuilder<K, V>(
  options: JoinBufferStoreOptions<K, V>,
): StoreBuilder<JoinBufferStore<K, V>> {
  return storeBuilder<JoinBufferStore<K, V>>({
    name: options.name,
    kind: 'buffer',
    canCache: false,
    build: ({ loggingEnabled }) => new JoinBufferStore(options, loggingEnabled),
  })
}

/**
 * Stream records that wait for the grace period of a stream-table join, ordered by their time.
 * @see org.apache.kafka.streams.state.internals.RocksDBTimeOrderedKeyValueBuffer
 */
export class JoinBufferStore<K, V> implements StateStore {
  readonly name: string
  readonly persistent = true
  readonly #options: JoinBufferStoreOptions<K, V>
  readonly #loggingEnabled: boolean
  #topic!: string
  #keys!: KeyCodec<K>
  #buffer: GraceBuffer | undefined

  constructor(options: JoinBufferStoreOptions<K, V>, loggingEnabled: boolean) {
    this.name = options.name
    this.#options = options
    this.#loggingEnabled = loggingEnabled
  }

  init(context: StoreContext): void {
    const { name, graceMs, keySerde } = this.#options
    this.#topic = context.changelogTopic(name)
    this.#keys = new KeyCodec(keySerde, this.#topic, name)
    const logChange = changeLogger(name, context)
    const log = (key: Uint8Array, value: Uint8Array | null) => logChange(key, value, undefined)
    this.#buffer = graceBuffer(name, graceMs, this.#loggingEnabled ? log : undefined)
    this.#buffer.init({
      engine: context.engine,
      onExpiredRecord: () => context.recordDropped('store-retention', this.name),
    })
  }

  /**
   * Keeps a record; false, and not kept, when it is older than the grace period allows.
   * @throws TypeError when the key is null.
   */
  put(record: Record<K, V>, context: RecordContext): boolean {
    const value = this.#options.valueSerde.serialize(this.#topic, record.value)!
    return this.#buffer!.put(this.#keys.serialize(record.key), value, record.timestamp, context)
  }

  /** Hands on, and removes, the records whose grace period is over. */
  evictDue(emit: (record: Record<K, V>, context: RecordContext) => void): void {
    this.#buffer!.evictWhile(always, ({ key, value, context }: GraceBufferEviction) => {
      const recordContext = bufferRecordContext(context)
      const typedValue = this.#options.valueSerde.deserialize(this.#topic, value) as V
      emit(new Record(this.#keys.deserialize(key), typedValue, context.timestamp, recordContext.headers), recordContext)
    })
  }

  flush(): void {}

  isOpen(): boolean {
    return this.#buffer?.isOpen() ?? false
  }

  close(): void {
    this.#buffer?.close()
  }

  restore(key: Uint8Array, value: Uint8Array | null, timestamp: number): void {
    this.#buffer!.restore(key, value, timestamp)
  }
}

function always(): boolean {
  return true
}
