import type { Change } from './change.ts'
import type { Reducer } from './functions.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { notPut, TableStore } from './table-store.ts'
import { storeValueGetter } from './value-getter.ts'

export interface KTableReduceOptions<V> {
  readonly storeName: string
  readonly adder: Reducer<V>
  readonly subtractor: Reducer<V>
  readonly sendOldValues: boolean
}

/**
 * Reduces a grouped table: the old row of an update is subtracted, then the new one is added; the first row of a group is its first aggregate.
 * The result's timestamp is the later of the record's and the aggregate's.
 * @see org.apache.kafka.streams.kstream.internals.KTableReduce
 */
export function ktableReduce<K, V>(options: KTableReduceOptions<V>): TableOperator<K, Change<V>, K, V> {
  return { supplier: () => new KTableReduceProcessor<K, V>(options), getter: storeValueGetter(options.storeName) }
}

class KTableReduceProcessor<K, V> implements Processor<K, Change<V>, K, Change<V>> {
  readonly #options: KTableReduceOptions<V>
  #store!: TableStore<K, V>
  #forwarder!: TableForwarder<K, V>

  constructor(options: KTableReduceOptions<V>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, Change<V>>): void {
    this.#store = new TableStore(context, this.#options.storeName)
    this.#forwarder = new TableForwarder(context, this.#store.store, this.#options.sendOldValues)
  }

  /** @throws TypeError when the key is null, which the repartitioning before it rules out. */
  process(record: Record<K, Change<V>>): void {
    const { key, value: change } = record
    if (key === null) throw new TypeError(`reduce into '${this.#options.storeName}': the key of a table is null.`)
    const { adder, subtractor, sendOldValues } = this.#options
    const stored = this.#store.get(key)
    let aggregate = stored === null ? null : stored.value
    let timestamp = record.timestamp
    if (change.oldValue !== null && aggregate !== null) {
      aggregate = subtractor(aggregate, change.oldValue)
      timestamp = Math.max(timestamp, stored!.timestamp)
    }
    if (change.newValue !== null) {
      if (aggregate === null) aggregate = change.newValue
      else {
        aggregate = adder(aggregate, change.newValue)
        timestamp = Math.max(timestamp, stored!.timestamp)
      }
    }
    const oldValue = sendOldValues ? this.#store.unchangedValue(key, stored) : null
    const putCode = this.#store.put(key, aggregate, timestamp)
    if (putCode === notPut) return
    this.#forwarder.maybeForward(key, aggregate, oldValue, putCode === undefined, timestamp, record.headers)
  }
}
