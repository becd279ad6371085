import { checkGrace, checkMs } from './duration.ts'

/**
 * How far apart in time two records may be to be joined: the right one from `beforeMs` before to `afterMs` after the left one,
 * both inclusive. One of them may be negative: `before(-5).after(10)` joins with what came 5 to 10 ms later.
 * @see org.apache.kafka.streams.kstream.JoinWindows
 */
export class JoinWindows {
  readonly beforeMs: number
  readonly afterMs: number
  readonly gracePeriodMs: number

  private constructor(beforeMs: number, afterMs: number, gracePeriodMs: number) {
    checkMs('The time before of a join window', beforeMs, Number.MIN_SAFE_INTEGER)
    checkMs('The time after of a join window', afterMs, Number.MIN_SAFE_INTEGER)
    if (beforeMs + afterMs < 0) {
      throw new RangeError(
        `A join window from ${beforeMs} ms before to ${afterMs} ms after holds nothing: the sum must not be negative.`,
      )
    }
    checkGrace(gracePeriodMs)
    this.beforeMs = beforeMs
    this.afterMs = afterMs
    this.gracePeriodMs = gracePeriodMs
  }

  /** Joins records at most this far apart. @throws RangeError for a negative difference. */
  static ofTimeDifferenceWithNoGrace(timeDifferenceMs: number): JoinWindows {
    return new JoinWindows(timeDifferenceMs, timeDifferenceMs, 0)
  }

  /** The same, with records that come up to `graceMs` of stream time late. @throws RangeError for a negative difference or grace. */
  static ofTimeDifferenceAndGrace(timeDifferenceMs: number, graceMs: number): JoinWindows {
    return new JoinWindows(timeDifferenceMs, timeDifferenceMs, graceMs)
  }

  /** Changes how far before the left record the right one may be. */
  before(timeDifferenceMs: number): JoinWindows {
    return new JoinWindows(timeDifferenceMs, this.afterMs, this.gracePeriodMs)
  }

  /** Changes how far after the left record the right one may be. */
  after(timeDifferenceMs: number): JoinWindows {
    return new JoinWindows(this.beforeMs, timeDifferenceMs, this.gracePeriodMs)
  }

  /** From the earliest to the latest partner of a record, ms. */
  get sizeMs(): number {
    return this.beforeMs + this.afterMs
  }
}
