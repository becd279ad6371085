import { Change } from './change.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { notPut, TableStore } from './table-store.ts'
import { storeValueGetter } from './value-getter.ts'

export interface KTableSourceOptions {
  /** Undefined: the table is not materialised; nothing reads it or asks for old values. */
  readonly storeName: string | undefined
  readonly sendOldValues: boolean
}

/**
 * A topic (or a stream, `toTable`) read as a table: a null value deletes. A null key is dropped and counted.
 * Records apply in the order in which they come, whatever their timestamps; into a versioned store by timestamp.
 * @see org.apache.kafka.streams.kstream.internals.KTableSource
 */
export function ktableSource<K, V>(options: KTableSourceOptions): TableOperator<K, V | null, K, V> {
  const { storeName, sendOldValues } = options
  return {
    supplier:
      storeName === undefined
        ? () => new KTableSourcePassThrough<K, V>()
        : () => new KTableSourceProcessor<K, V>(storeName, sendOldValues),
    getter: storeValueGetter(storeName ?? ''),
  }
}

class KTableSourceProcessor<K, V> implements Processor<K, V | null, K, Change<V>> {
  readonly #storeName: string
  readonly #sendOldValues: boolean
  #context!: InternalProcessorContext<K, Change<V>>
  #store!: TableStore<K, V>
  #forwarder!: TableForwarder<K, V>

  constructor(storeName: string, sendOldValues: boolean) {
    this.#storeName = storeName
    this.#sendOldValues = sendOldValues
  }

  init(context: ProcessorContext<K, Change<V>>): void {
    this.#context = asInternal(context)
    this.#store = new TableStore(context, this.#storeName)
    this.#forwarder = new TableForwarder(context, this.#store.store, this.#sendOldValues)
  }

  process(record: Record<K, V | null>): void {
    const { key, value, timestamp } = record
    if (key === null) {
      this.#context.recordDropped('null-key')
      return
    }
    const old = this.#sendOldValues ? this.#store.get(key) : null
    const putCode = this.#store.put(key, value, timestamp)
    if (putCode === notPut) return
    const oldValue = old === null ? null : old.value
    this.#forwarder.maybeForward(key, value, oldValue, putCode === undefined, timestamp, record.headers)
  }
}

class KTableSourcePassThrough<K, V> implements Processor<K, V | null, K, Change<V>> {
  #context!: InternalProcessorContext<K, Change<V>>

  init(context: ProcessorContext<K, Change<V>>): void {
    this.#context = asInternal(context)
  }

  process(record: Record<K, V | null>): void {
    if (record.key === null) this.#context.recordDropped('null-key')
    else this.#context.forward(record.withValue(new Change(record.value, null)))
  }
}
