import { checkGrace, checkMs } from './duration.ts'
import type { Window } from './window.ts'
import { Windows } from './windows.ts'

/**
 * Windows of a fixed size, aligned to the epoch: tumbling, or hopping after `advanceBy`. `start` is inclusive, `end` exclusive.
 *
 * ```ts
 * TimeWindows.ofSizeWithNoGrace(60_000)                          // [0, 60 s), [60 s, 120 s) …
 * TimeWindows.ofSizeAndGrace(60_000, 5_000).advanceBy(10_000)    // [0, 60 s), [10 s, 70 s) …
 * ```
 *
 * @see org.apache.kafka.streams.kstream.TimeWindows
 */
export class TimeWindows extends Windows<Window> {
  override readonly sizeMs: number
  readonly advanceMs: number
  override readonly gracePeriodMs: number
  /** The windows found last: most records fall into the same ones as the record before. */
  #last: readonly Window[] = []
  #lastFrom = 0
  #lastTo = -1

  private constructor(sizeMs: number, advanceMs: number, gracePeriodMs: number) {
    super()
    checkMs('The size of time windows', sizeMs, 1)
    checkMs('The advance of time windows', advanceMs, 1)
    if (advanceMs > sizeMs) {
      throw new RangeError(
        `Windows of ${sizeMs} ms cannot advance by ${advanceMs} ms: records between two windows would be in none. Advance by at most the size.`,
      )
    }
    checkGrace(gracePeriodMs)
    this.sizeMs = sizeMs
    this.advanceMs = advanceMs
    this.gracePeriodMs = gracePeriodMs
  }

  /** Tumbling windows. Records that come after a window's end are dropped. @throws RangeError for a size below 1. */
  static ofSizeWithNoGrace(sizeMs: number): TimeWindows {
    return new TimeWindows(sizeMs, sizeMs, 0)
  }

  /** Tumbling windows which take records until `graceMs` of stream time after their end. @throws RangeError for a size below 1 or a negative grace. */
  static ofSizeAndGrace(sizeMs: number, graceMs: number): TimeWindows {
    return new TimeWindows(sizeMs, sizeMs, graceMs)
  }

  /** Hopping windows: a new one starts every `advanceMs`. @throws RangeError unless it is from 1 to the size. */
  advanceBy(advanceMs: number): TimeWindows {
    return new TimeWindows(this.sizeMs, advanceMs, this.gracePeriodMs)
  }

  override windowsFor(timestamp: number): readonly Window[] {
    if (timestamp >= this.#lastFrom && timestamp < this.#lastTo) return this.#last
    const { sizeMs, advanceMs } = this
    const windows: Window[] = []
    let start = Math.floor(Math.max(0, timestamp - sizeMs + advanceMs) / advanceMs) * advanceMs
    for (; start <= timestamp; start += advanceMs) windows.push({ start, end: start + sizeMs })
    if (windows.length > 0) {
      this.#last = windows
      // The same windows hold all timestamps until the next one begins or the first of them ends.
      this.#lastFrom = timestamp
      this.#lastTo = Math.min(start, windows[0]!.end)
    }
    return windows
  }
}
