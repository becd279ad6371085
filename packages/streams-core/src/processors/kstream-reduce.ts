import type { Change } from './change.ts'
import type { Reducer } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { notPut, TableStore } from './table-store.ts'
import { storeValueGetter } from './value-getter.ts'

export interface KStreamReduceOptions<V> {
  readonly storeName: string
  readonly reducer: Reducer<V>
  readonly sendOldValues: boolean
}

/**
 * Reduces the records of each key; the first value is the first aggregate. A null key or value is dropped and counted.
 * The result's timestamp is the later of the record's and the aggregate's.
 * @see org.apache.kafka.streams.kstream.internals.KStreamReduce
 */
export function kstreamReduce<K, V>(options: KStreamReduceOptions<V>): TableOperator<K, V, K, V> {
  return { supplier: () => new KStreamReduceProcessor<K, V>(options), getter: storeValueGetter(options.storeName) }
}

class KStreamReduceProcessor<K, V> implements Processor<K, V, K, Change<V>> {
  readonly #options: KStreamReduceOptions<V>
  #context!: InternalProcessorContext<K, Change<V>>
  #store!: TableStore<K, V>
  #forwarder!: TableForwarder<K, V>

  constructor(options: KStreamReduceOptions<V>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, Change<V>>): void {
    this.#context = asInternal(context)
    this.#store = new TableStore(context, this.#options.storeName)
    this.#forwarder = new TableForwarder(context, this.#store.store, this.#options.sendOldValues)
  }

  process(record: Record<K, V>): void {
    const { key, value } = record
    if (key === null || value === null) {
      this.#context.recordDropped(key === null ? 'null-key' : 'null-value')
      return
    }
    const stored = this.#store.get(key)
    const timestamp = stored === null ? record.timestamp : Math.max(record.timestamp, stored.timestamp)
    const aggregate = stored === null ? value : this.#options.reducer(stored.value, value)
    const oldValue = this.#options.sendOldValues ? this.#store.unchangedValue(key, stored) : null
    const putCode = this.#store.put(key, aggregate, timestamp)
    if (putCode === notPut) return
    this.#forwarder.maybeForward(key, aggregate, oldValue, putCode === undefined, timestamp, record.headers)
  }
}
