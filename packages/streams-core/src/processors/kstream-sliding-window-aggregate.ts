import type { SlidingWindows } from '../windows/sliding-windows.ts'
import type { Windowed } from '../windows/window.ts'
import type { Record } from './record.ts'
import { SlidingWindowUpdates, type WindowRow } from './sliding-window-updates.ts'
import type { TableOperator } from './table-operator.ts'
import type { WindowedAggregateOptions } from './windowed-aggregate.ts'
import { windowValueGetter } from './windowed-value-getters.ts'

export interface KStreamSlidingWindowAggregateOptions<K, V, A> extends WindowedAggregateOptions<K, V, A> {
  readonly windows: SlidingWindows
}

/**
 * Aggregates the records of each key in windows that begin or end at records. With difference d, a record at t
 *
 *   has a left window   [t - d, t]           always
 *   and a right window  [t + 1, t + 1 + d]   as soon as there is a later record in it
 *
 * and is put into every window that holds it. Records before d share the window [0, d] instead of left windows.
 * A difference of 0 fails with the first record, as in Java: a window must end after it starts.
 * A null key or value is dropped and counted, and so is a record whose [t, t + d] ends before stream time minus grace.
 * @see org.apache.kafka.streams.kstream.internals.KStreamSlidingWindowAggregate, KIP-450
 */
export function kstreamSlidingWindowAggregate<K, V, A>(
  options: KStreamSlidingWindowAggregateOptions<K, V, A>,
): TableOperator<K, V, Windowed<K>, A> {
  return {
    supplier: () => new KStreamSlidingWindowAggregateProcessor(options),
    getter: windowValueGetter(options.storeName),
  }
}

const emptyWindow = 'Sliding windows with a time difference of 0 ms have no length. Give a difference of 1 ms or more.'

class KStreamSlidingWindowAggregateProcessor<K, V, A> extends SlidingWindowUpdates<K, V, A> {
  override process(record: Record<K, V>): void {
    const { key, timestamp } = record
    if (key === null || record.value === null) {
      this.context.recordDropped(key === null ? 'null-key' : 'null-value')
      return
    }
    const closeTime = this.advance(timestamp)
    this.emitBeforeStoring(record, closeTime)
    if (timestamp + this.differenceMs < closeTime) this.context.recordDropped('window-closed')
    else if (this.differenceMs === 0) throw new RangeError(emptyWindow)
    else if (timestamp < this.differenceMs) this.#processEarly(record, closeTime)
    else {
      this.#process(record, closeTime)
      this.emitAfterStoring(record, closeTime)
    }
  }

  #process(record: Record<K, V>, closeTime: number): void {
    const { timestamp } = record
    const rows = this.#windowsAround(record.key, timestamp)
    const rightAggregate = this.rightAggregate(record, rows, rows[0]?.start === timestamp + 1)
    let left: WindowRow<A> | undefined
    let hasLeftWindow = false
    let previous: number | undefined
    for (const row of rows) {
      const end = row.start + this.differenceMs
      if (row.start > timestamp) continue
      if (end < timestamp) left = row
      else this.#updateRow(record, row, closeTime)
      if (end === timestamp) {
        hasLeftWindow = true
        // A record at this very time was here before: all windows exist.
        if (row.aggregate.timestamp >= timestamp) return
      }
      if (end <= timestamp) previous = row.aggregate.timestamp
    }
    const leftValue = left === undefined ? null : this.asStored(record.key, left)
    const next = previous === undefined ? undefined : previous + 1
    if (next !== undefined && next + this.differenceMs >= timestamp && !rows.some(({ start }) => start === next)) {
      this.create(record, next, closeTime)
    }
    if (!hasLeftWindow) {
      const start = timestamp - this.differenceMs
      if (left === undefined || previous! < start) this.create(record, start, closeTime)
      else this.update(record, start, { value: left.aggregate.value, timestamp }, leftValue, closeTime)
    }
    if (rightAggregate !== null) this.createRight(record, rightAggregate)
  }

  #processEarly(record: Record<K, V>, closeTime: number): void {
    const { timestamp } = record
    const rows: WindowRow<A>[] = []
    for (const [start, aggregate] of this.store.fetch(record.key, 0, timestamp + 1)) rows.push({ start, aggregate })
    const shared = rows[0]?.start === 0 ? rows[0] : undefined
    const rightAggregate = this.rightAggregate(record, rows.toReversed(), rows.at(-1)?.start === timestamp + 1)
    for (const row of rows) {
      if (row !== shared && row.start <= timestamp) this.#updateRow(record, row, closeTime)
    }
    const sharedValue = shared === undefined ? null : this.asStored(record.key, shared)
    if (rightAggregate !== null) this.createRight(record, rightAggregate)
    const next = (shared?.aggregate.timestamp ?? timestamp) + 1
    if (next <= timestamp && !rows.some(({ start }) => start === next)) this.create(record, next, closeTime)
    if (shared === undefined) this.create(record, 0, closeTime)
    else this.update(record, 0, shared.aggregate, sharedValue, closeTime)
  }

  #updateRow(record: Record<K, V>, row: WindowRow<A>, closeTime: number): void {
    this.update(record, row.start, row.aggregate, this.asStored(record.key, row), closeTime)
  }

  /** From the record's right window back to the last window that ends before the record. */
  #windowsAround(key: K, timestamp: number): WindowRow<A>[] {
    const rows: WindowRow<A>[] = []
    const from = Math.max(0, timestamp - 2 * this.differenceMs)
    for (const [start, aggregate] of this.store.backwardFetch(key, from, timestamp + 1)) {
      rows.push({ start, aggregate })
      const end = start + this.differenceMs
      if (end < timestamp || (end === timestamp && aggregate.timestamp >= timestamp)) break
    }
    return rows
  }
}
