import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import type { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Record } from './record.ts'
import { type WindowedAggregateOptions, WindowedAggregateProcessor } from './windowed-aggregate.ts'

/** A window as it was found in the store. */
export type WindowRow<A> = { readonly start: number; readonly aggregate: ValueAndTimestamp<A> }

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
    const { initializer, sendOldValues } = this.options
    const value = initializer()
    const aggregate = value === null ? null : { value, timestamp: record.timestamp }
    const oldValue = sendOldValues && value !== null && this.valuesCanChange ? initializer() : value
    this.update(record, start, aggregate, oldValue, closeTime)
  }

  /**
   * Puts the record into a window with this aggregate, unless the window has closed: then the record is counted as dropped.
   * `oldValue` is what the aggregator cannot change of it.
   */
  protected update(
    record: Record<K, V>,
    start: number,
    aggregate: ValueAndTimestamp<A> | null,
    oldValue: A | null,
    closeTime: number,
  ): void {
    const { key } = record
    const end = start + this.differenceMs
    if (end < closeTime) {
      this.context.recordDropped('window-closed')
      return
    }
    const timestamp = aggregate === null ? record.timestamp : Math.max(record.timestamp, aggregate.timestamp)
    const before = aggregate === null ? null : aggregate.value
    const value = this.options.aggregator(before as A, record.value, key)
    this.store.put(key, value === null ? null : { value, timestamp }, start)
    this.forwardUpdate(record, { start, end }, this.options.sendOldValues ? oldValue : null, value, timestamp)
  }

  /** What the record's right window holds when it must be made now: the part of the newest window that holds the record. Null: none. */
  protected rightAggregate(
    record: Record<K, V>,
    newestFirst: readonly WindowRow<A>[],
    exists: boolean,
  ): ValueAndTimestamp<A> | null {
    const row = exists ? undefined : newestFirst.find((each) => each.start <= record.timestamp)
    if (row === undefined || row.aggregate.timestamp <= record.timestamp) return null
    if (row.start + this.differenceMs <= record.timestamp) return null
    return this.valuesCanChange ? this.store.fetchOne(record.key, row.start) : row.aggregate
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

  /**
   * The value of a window just read, for `update`'s old value: read once more when the aggregator may change the one at hand.
   * Must be asked for before a new window is stored, which may end the store's retention of this one.
   */
  protected asStored(key: K, row: WindowRow<A>): A {
    if (!this.options.sendOldValues || !this.valuesCanChange) return row.aggregate.value
    return (this.store.fetchOne(key, row.start) ?? row.aggregate).value
  }
}
