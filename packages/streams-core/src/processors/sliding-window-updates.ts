import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Record } from './record.ts'
import { type WindowedAggregateOptions, WindowedAggregateProcessor } from './windowed-aggregate.ts'

/** The single steps of an aggregation over sliding windows: make a window, put a record into one. */
export abstract class SlidingWindowUpdates<K, V, A> extends WindowedAggregateProcessor<K, V, A> {
  protected readonly differenceMs: number
  readonly #graceMs: number

  constructor(options: WindowedAggregateOptions<K, V, A> & { readonly windows: SlidingWindows }) {
    super(options)
    this.differenceMs = options.windows.timeDifferenceMs
    this.#graceMs = options.windows.gracePeriodMs
  }

  /** Moves stream time on; gives the time before whose ends windows are closed. */
  protected advance(timestamp: number): number {
    if (timestamp > this.streamTime) this.streamTime = timestamp
    return this.streamTime - this.#graceMs
  }

  /** Puts the record into a new window that holds nothing else. */
  protected create(record: Record<K, V>, start: number, closeTime: number): void {
    const value = this.options.initializer()
    const aggregate = value === null ? null : { value, timestamp: record.timestamp }
    this.update(record, start, aggregate, undefined, closeTime)
  }

  /**
   * Puts the record into a window with this aggregate, unless the window has closed: then the record is counted as dropped.
   * `origin` is the start of the window from which the aggregate was read; undefined: it is the initializer's.
   */
  protected update(
    record: Record<K, V>,
    start: number,
    aggregate: ValueAndTimestamp<A> | null,
    origin: number | undefined,
    closeTime: number,
  ): void {
    const { key } = record
    const end = start + this.differenceMs
    if (end < closeTime) {
      this.context.recordDropped()
      return
    }
    const timestamp = aggregate === null ? record.timestamp : Math.max(record.timestamp, aggregate.timestamp)
    const before = aggregate === null ? null : aggregate.value
    const value = this.options.aggregator(before as A, record.value, key)
    const oldValue = this.options.sendOldValues ? this.#asStored(key, before, origin) : null
    this.store.put(key, value === null ? null : { value, timestamp }, start)
    this.forwardUpdate(record, { start, end }, oldValue, value, timestamp)
  }

  /** Makes the record's right window out of what is there already. */
  protected createRight(record: Record<K, V>, aggregate: ValueAndTimestamp<A>): void {
    const start = record.timestamp + 1
    this.store.put(record.key, aggregate, start)
    const window = { start, end: start + this.differenceMs }
    this.forwardUpdate(record, window, null, aggregate.value, aggregate.timestamp)
  }

  protected override firstStart(lastCloseTime: number): number {
    return lastCloseTime === -1 ? 0 : Math.max(0, lastCloseTime - this.differenceMs)
  }

  protected override lastStart(closeTime: number): number {
    return closeTime - this.differenceMs - 1
  }

  /** A sliding window may begin at any time. */
  protected override hasStart(): boolean {
    return true
  }

  #asStored(key: K, before: A | null, origin: number | undefined): A | null {
    if (before === null || !this.valuesCanChange) return before
    return origin === undefined ? this.options.initializer() : this.store.fetchOne(key, origin)!.value
  }
}
