import { checkGrace, checkMs } from './duration.ts'

/**
 * Windows which begin and end at records: one for each set of records not further apart than the time difference.
 * Both ends are inclusive.
 * @see org.apache.kafka.streams.kstream.SlidingWindows, KIP-450
 */
export class SlidingWindows {
  readonly timeDifferenceMs: number
  readonly gracePeriodMs: number

  private constructor(timeDifferenceMs: number, gracePeriodMs: number) {
    checkMs('The time difference of sliding windows', timeDifferenceMs, 0)
    checkGrace(gracePeriodMs)
    this.timeDifferenceMs = timeDifferenceMs
    this.gracePeriodMs = gracePeriodMs
  }

  /** @throws RangeError for a negative difference. */
  static ofTimeDifferenceWithNoGrace(timeDifferenceMs: number): SlidingWindows {
    return new SlidingWindows(timeDifferenceMs, 0)
  }

  /** Windows which take records until `graceMs` of stream time after their end. @throws RangeError for a negative difference or grace. */
  static ofTimeDifferenceAndGrace(timeDifferenceMs: number, graceMs: number): SlidingWindows {
    return new SlidingWindows(timeDifferenceMs, graceMs)
  }
}
