import { TimeWindows } from '../windows/time-windows.ts'
import type { Window, Windowed } from '../windows/window.ts'
import type { Windows } from '../windows/windows.ts'
import type { Record } from './record.ts'
import type { TableOperator } from './table-operator.ts'
import { type WindowedAggregateOptions, WindowedAggregateProcessor } from './windowed-aggregate.ts'
import { windowValueGetter } from './windowed-value-getters.ts'

export interface KStreamWindowAggregateOptions<K, V, A> extends WindowedAggregateOptions<K, V, A> {
  /** Emission on close needs {@link TimeWindows}. */
  readonly windows: Windows
}

/**
 * Aggregates the records of each key in each window that holds their timestamp. A null key is dropped and counted; a null
 * value is aggregated. A record is dropped, and counted, once for each of its windows that closed at stream time minus grace.
 * @see org.apache.kafka.streams.kstream.internals.KStreamWindowAggregate
 */
export function kstreamWindowAggregate<K, V, A>(
  options: KStreamWindowAggregateOptions<K, V, A>,
): TableOperator<K, V, Windowed<K>, A> {
  return { supplier: () => new KStreamWindowAggregateProcessor(options), getter: windowValueGetter(options.storeName) }
}

class KStreamWindowAggregateProcessor<K, V, A> extends WindowedAggregateProcessor<K, V, A> {
  readonly #windows: Windows
  readonly #advanceMs: number

  constructor(options: KStreamWindowAggregateOptions<K, V, A>) {
    super(options)
    this.#windows = options.windows
    this.#advanceMs = options.windows instanceof TimeWindows ? options.windows.advanceMs : 1
  }

  override process(record: Record<K, V>): void {
    if (record.key === null) {
      this.context.recordDropped('null-key')
      return
    }
    if (record.timestamp > this.streamTime) this.streamTime = record.timestamp
    const closeTime = this.streamTime - this.#windows.gracePeriodMs
    this.emitBeforeStoring(record, closeTime)
    const windows = this.#windows.windowsFor(record.timestamp)
    for (let i = 0; i < windows.length; i++) {
      const window = windows[i]!
      if (window.end > closeTime) this.#update(record, window)
      else this.context.recordDropped('window-closed')
    }
    this.emitAfterStoring(record, closeTime)
  }

  #update(record: Record<K, V>, window: Window): void {
    const { key } = record
    const { aggregator, initializer, sendOldValues } = this.options
    const stored = this.store.fetchOne(key, window.start)
    const timestamp = stored === null ? record.timestamp : Math.max(record.timestamp, stored.timestamp)
    const value = aggregator(stored === null ? initializer() : stored.value, record.value, key)
    let oldValue: A | null = null
    if (sendOldValues) {
      if (stored === null) oldValue = initializer()
      else oldValue = this.valuesCanChange ? this.store.fetchOne(key, window.start)!.value : stored.value
    }
    this.store.put(key, value === null ? null : { value, timestamp }, window.start)
    this.forwardUpdate(record, window, oldValue, value, timestamp)
  }

  protected override firstStart(lastCloseTime: number): number {
    return lastCloseTime === -1 ? 0 : Math.max(0, lastCloseTime - this.#windows.sizeMs) + 1
  }

  protected override lastStart(closeTime: number): number {
    return closeTime - this.#windows.sizeMs
  }

  /** Starts are multiples of the advance. */
  protected override hasStart(from: number, to: number): boolean {
    return Math.floor(to / this.#advanceMs) !== Math.floor((from - 1) / this.#advanceMs)
  }
}
