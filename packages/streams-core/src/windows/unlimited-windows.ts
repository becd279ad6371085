import { checkMs } from './duration.ts'
import type { Window } from './window.ts'
import { Windows } from './windows.ts'

/** The end of an unlimited window, and its size: the greatest safe integer. Java has 2^63 - 1 there. */
export const UNLIMITED_END = Number.MAX_SAFE_INTEGER

/**
 * One window from a start on, for ever. Earlier records are in no window.
 * @see org.apache.kafka.streams.kstream.UnlimitedWindows
 */
export class UnlimitedWindows extends Windows<Window> {
  override readonly sizeMs = UNLIMITED_END
  override readonly gracePeriodMs = 0
  readonly startMs: number
  readonly #windows: readonly Window[]

  private constructor(startMs: number) {
    super()
    checkMs('The start of unlimited windows', startMs, 0)
    this.startMs = startMs
    this.#windows = [{ start: startMs, end: UNLIMITED_END }]
  }

  /** One window from the epoch on. */
  static of(): UnlimitedWindows {
    return new UnlimitedWindows(0)
  }

  /** One window from a time (Unix ms) on. @throws RangeError for a negative time. */
  startOn(startMs: number): UnlimitedWindows {
    return new UnlimitedWindows(startMs)
  }

  override windowsFor(timestamp: number): readonly Window[] {
    return timestamp >= this.startMs ? this.#windows : []
  }
}
