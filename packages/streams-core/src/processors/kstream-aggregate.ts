import type { Change } from './change.ts'
import type { Aggregator, Initializer } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { notPut, TableStore } from './table-store.ts'
import { storeValueGetter } from './value-getter.ts'

export interface KStreamAggregateOptions<K, V, A> {
  readonly storeName: string
  readonly initializer: Initializer<A>
  readonly aggregator: Aggregator<K, V, A>
  readonly sendOldValues: boolean
}

/**
 * Aggregates the records of each key. A null key or value is dropped and counted.
 * The result's timestamp is the later of the record's and the aggregate's.
 * Old values: that of a new key is the initializer's value when the store has no cache, null when it has one, as in Java.
 * @see org.apache.kafka.streams.kstream.internals.KStreamAggregate
 */
export function kstreamAggregate<K, V, A>(options: KStreamAggregateOptions<K, V, A>): TableOperator<K, V, K, A> {
  return { supplier: () => new KStreamAggregateProcessor(options), getter: storeValueGetter(options.storeName) }
}

class KStreamAggregateProcessor<K, V, A> implements Processor<K, V, K, Change<A>> {
  readonly #options: KStreamAggregateOptions<K, V, A>
  #context!: InternalProcessorContext<K, Change<A>>
  #store!: TableStore<K, A>
  #forwarder!: TableForwarder<K, A>

  constructor(options: KStreamAggregateOptions<K, V, A>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, Change<A>>): void {
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
    const { initializer, aggregator, sendOldValues } = this.#options
    const stored = this.#store.get(key)
    const timestamp = stored === null ? record.timestamp : Math.max(record.timestamp, stored.timestamp)
    const aggregate = aggregator(stored === null ? initializer() : stored.value, value, key)
    let oldValue: A | null = null
    if (sendOldValues) oldValue = stored === null ? initializer() : this.#store.unchangedValue(key, stored)
    const putCode = this.#store.put(key, aggregate, timestamp)
    if (putCode === notPut) return
    this.#forwarder.maybeForward(key, aggregate, oldValue, putCode === undefined, timestamp, record.headers)
  }
}
