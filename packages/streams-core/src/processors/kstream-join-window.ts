import type { WindowStore } from '../state/state-store.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Keeps the records of one side of a stream-stream join for the other side: forwards each record (to the join), then stores
 * it under its timestamp. Records without a key can never join and are not stored.
 * @see org.apache.kafka.streams.kstream.internals.KStreamJoinWindow
 */
export function kstreamJoinWindow<K, V>(storeName: string): ProcessorSupplier<K, V, K, V> {
  return () => new KStreamJoinWindowProcessor(storeName)
}

class KStreamJoinWindowProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #storeName: string
  #context!: ProcessorContext<K, V>
  #store!: WindowStore<K, V>

  constructor(storeName: string) {
    this.#storeName = storeName
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context
    this.#store = context.getStateStore(this.#storeName)
  }

  process(record: Record<K, V>): void {
    this.#context.forward(record)
    if (record.key !== null) this.#store.put(record.key, record.value, record.timestamp)
  }
}
