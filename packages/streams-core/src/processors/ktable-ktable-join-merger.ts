import { Change } from './change.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { notPut, TableStore } from './table-store.ts'
import { storeValueGetter, type ValueGetterSupplier } from './value-getter.ts'

export interface KTableKTableJoinMergerOptions<K, V> {
  /** How the joined table is read where it has no store: the getter of the left side's join. */
  readonly joined: ValueGetterSupplier<K, V>
  readonly storeName: string | undefined
  readonly sendOldValues: boolean
}

/**
 * The result of both sides of a table-table join: stored, if the table is materialised, and forwarded.
 * @see org.apache.kafka.streams.kstream.internals.KTableKTableJoinMerger
 */
export function ktableKtableJoinMerger<K, V>(
  options: KTableKTableJoinMergerOptions<K, V>,
): TableOperator<K, Change<V>, K, V> {
  return {
    supplier: () => new KTableKTableJoinMergeProcessor(options),
    getter: options.storeName === undefined ? options.joined : storeValueGetter(options.storeName),
  }
}

class KTableKTableJoinMergeProcessor<K, V> implements Processor<K, Change<V>, K, Change<V>> {
  readonly #options: KTableKTableJoinMergerOptions<K, V>
  #context!: ProcessorContext<K, Change<V>>
  #store: TableStore<K, V> | undefined
  #forwarder!: TableForwarder<K, V>

  constructor(options: KTableKTableJoinMergerOptions<K, V>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, Change<V>>): void {
    const { storeName, sendOldValues } = this.#options
    this.#context = context
    if (storeName === undefined) return
    this.#store = new TableStore(context, storeName)
    this.#forwarder = new TableForwarder(context, this.#store.store, sendOldValues)
  }

  process(record: Record<K, Change<V>>): void {
    const { newValue, oldValue, isLatest } = record.value
    if (this.#store === undefined) {
      if (this.#options.sendOldValues || oldValue === null) this.#context.forward(record)
      else this.#context.forward(record.withValue(new Change(newValue, null, isLatest)))
      return
    }
    const putCode = this.#store.put(record.key, newValue, record.timestamp)
    if (putCode === notPut) return
    this.#forwarder.maybeForward(
      record.key,
      newValue,
      oldValue,
      putCode === undefined,
      record.timestamp,
      record.headers,
    )
  }
}
