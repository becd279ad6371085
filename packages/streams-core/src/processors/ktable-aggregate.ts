import type { Change } from './change.ts'
import type { Aggregator, Initializer } from './functions.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { notPut, TableStore } from './table-store.ts'
import { storeValueGetter } from './value-getter.ts'

export interface KTableAggregateOptions<K, V, A> {
  readonly storeName: string
  readonly initializer: Initializer<A>
  readonly adder: Aggregator<K, V, A>
  readonly subtractor: Aggregator<K, V, A>
  readonly sendOldValues: boolean
}

/**
 * Aggregates a grouped table: the old row of an update is subtracted, then the new one is added.
 * The result's timestamp is the later of the record's and the aggregate's.
 * @see org.apache.kafka.streams.kstream.internals.KTableAggregate
 */
export function ktableAggregate<K, V, A>(options: KTableAggregateOptions<K, V, A>): TableOperator<K, Change<V>, K, A> {
  return { supplier: () => new KTableAggregateProcessor(options), getter: storeValueGetter(options.storeName) }
}

class KTableAggregateProcessor<K, V, A> implements Processor<K, Change<V>, K, Change<A>> {
  readonly #options: KTableAggregateOptions<K, V, A>
  #store!: TableStore<K, A>
  #forwarder!: TableForwarder<K, A>

  constructor(options: KTableAggregateOptions<K, V, A>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, Change<A>>): void {
    this.#store = new TableStore(context, this.#options.storeName)
    this.#forwarder = new TableForwarder(context, this.#store.store, this.#options.sendOldValues)
  }

  /** @throws TypeError when the key is null, which the repartitioning before it rules out. */
  process(record: Record<K, Change<V>>): void {
    const { key, value: change } = record
    if (key === null) throw new TypeError(`aggregate into '${this.#options.storeName}': the key of a table is null.`)
    const { adder, subtractor, initializer, sendOldValues } = this.#options
    const stored = this.#store.get(key)
    let aggregate = stored === null ? null : stored.value
    let timestamp = record.timestamp
    if (change.oldValue !== null && aggregate !== null) {
      aggregate = subtractor(aggregate, change.oldValue, key)
      timestamp = Math.max(timestamp, stored!.timestamp)
    }
    if (change.newValue !== null) {
      aggregate = adder(aggregate === null ? initializer() : aggregate, change.newValue, key)
      if (stored !== null) timestamp = Math.max(timestamp, stored.timestamp)
    }
    const oldValue = sendOldValues ? this.#store.unchangedValue(key, stored) : null
    const putCode = this.#store.put(key, aggregate, timestamp)
    if (putCode === notPut) return
    this.#forwarder.maybeForward(key, aggregate, oldValue, putCode === undefined, timestamp, record.headers)
  }
}
