import { IllegalStateError } from '../errors.ts'
import type { Counter } from '../metrics/recorders.ts'
import type { SuppressedChange, SuppressionBufferStore } from '../state/suppression-buffer-store.ts'
import type { Windowed } from '../windows/window.ts'
import { Change } from './change.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import { Record } from './record.ts'
import { suppressedValueGetter } from './suppressed-value-getter.ts'
import type { TableOperator } from './table-operator.ts'
import type { ValueGetterSupplier } from './value-getter.ts'

export interface KTableSuppressOptions<K, V> {
  /** The buffer. */
  readonly storeName: string
  readonly parent: ValueGetterSupplier<K, V>
  /** How long a change waits, ms of stream time after its buffer time. */
  readonly timeToWaitMs: number
  /** The buffer time of a change: its record's timestamp, or the end of its key's window. */
  readonly bufferTime: 'record' | 'window-end'
  readonly maxRecords: number
  readonly maxBytes: number
  readonly full: 'emitEarly' | 'shutDown'
  /** Final results only: a window that was deleted before it closed was never handed on. */
  readonly dropTombstones: boolean
  /** The old value of a change is the one that the newest change came with, as in Java, and not the one that was handed on last. */
  readonly upstreamOldValues: boolean
}

/**
 * Holds back the changes of a table, the newest of each key, until their time is over or the buffer is full. A change is
 * handed on with the timestamp and headers of the record that made it. The table must send old values.
 * @see org.apache.kafka.streams.kstream.internals.suppress.KTableSuppressProcessorSupplier
 */
export function ktableSuppress<K, V>(options: KTableSuppressOptions<K, V>): TableOperator<K, Change<V>, K, V> {
  return {
    supplier: () => new KTableSuppressProcessor(options),
    getter: suppressedValueGetter(options.parent, options.storeName),
  }
}

class KTableSuppressProcessor<K, V> implements Processor<K, Change<V>, K, Change<V>> {
  readonly #options: KTableSuppressOptions<K, V>
  #context!: InternalProcessorContext<K, Change<V>>
  #buffer!: SuppressionBufferStore<K, V>
  #emitted!: Counter
  #streamTime = -1

  constructor(options: KTableSuppressOptions<K, V>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, Change<V>>): void {
    this.#context = asInternal(context)
    this.#emitted = this.#context.figures.suppressionEmit(this.#context.nodeName)
    this.#buffer = context.getStateStore(this.#options.storeName) as unknown as SuppressionBufferStore<K, V>
  }

  /** @throws IllegalStateError when the buffer is full and `full` is `shutDown`. */
  process(record: Record<K, Change<V>>): void {
    const { bufferTime, upstreamOldValues, full } = this.#options
    const { key, value, timestamp } = record
    if (timestamp > this.#streamTime) this.#streamTime = timestamp
    const time = bufferTime === 'record' ? timestamp : (key as Windowed<unknown>).window.end
    this.#buffer.put(time, key, value, this.#context.recordContext()!)
    this.#buffer.evictWhile(this.#isDue, upstreamOldValues, this.#emit)
    if (!this.#isFull()) return
    if (full === 'emitEarly') this.#buffer.evictWhile(this.#isFull, upstreamOldValues, this.#emit)
    else throw this.#fullError()
  }

  readonly #isDue = (): boolean => this.#buffer.minTimestamp <= this.#streamTime - this.#options.timeToWaitMs

  readonly #isFull = (): boolean =>
    this.#buffer.numRecords > this.#options.maxRecords || this.#buffer.bufferSize > this.#options.maxBytes

  readonly #emit = ({ key, newValue, oldValue, context }: SuppressedChange<K, V>): void => {
    if (newValue === null && this.#options.dropTombstones) return
    this.#emitted.total += 1
    const current = this.#context.recordContext()
    this.#context.setRecordContext(context)
    try {
      this.#context.forward(new Record(key, new Change(newValue, oldValue), context.timestamp, context.headers))
    } finally {
      this.#context.setRecordContext(current)
    }
  }

  #fullError(): IllegalStateError {
    const { storeName, maxRecords, maxBytes } = this.#options
    const { numRecords, bufferSize } = this.#buffer
    return new IllegalStateError(
      `Suppression buffer '${storeName}' is full: it holds ${numRecords} of ${maxRecords} records, ${bufferSize} of ${maxBytes} bytes. Raise its bounds, or let it emit early.`,
    )
  }
}
