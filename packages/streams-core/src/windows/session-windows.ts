import { checkGrace, checkMs } from './duration.ts'

/**
 * Sessions: records of a key with no pause longer than the inactivity gap. A record between two sessions joins them.
 * `start` and `end` are times of records, both inclusive.
 * @see org.apache.kafka.streams.kstream.SessionWindows
 */
export class SessionWindows {
  readonly inactivityGapMs: number
  readonly gracePeriodMs: number

  private constructor(inactivityGapMs: number, gracePeriodMs: number) {
    checkMs('The inactivity gap of sessions', inactivityGapMs, 0)
    checkGrace(gracePeriodMs)
    this.inactivityGapMs = inactivityGapMs
    this.gracePeriodMs = gracePeriodMs
  }

  /** @throws RangeError for a negative gap. */
  static ofInactivityGapWithNoGrace(inactivityGapMs: number): SessionWindows {
    return new SessionWindows(inactivityGapMs, 0)
  }

  /** Sessions which take records until `graceMs` of stream time after the gap. @throws RangeError for a negative gap or grace. */
  static ofInactivityGapAndGrace(inactivityGapMs: number, graceMs: number): SessionWindows {
    return new SessionWindows(inactivityGapMs, graceMs)
  }
}
