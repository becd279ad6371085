/** @throws RangeError unless the duration is a whole number of ms from `least` on. */
export function checkMs(what: string, ms: number, least: number): void {
  if (!Number.isSafeInteger(ms) || ms < least) {
    throw new RangeError(`${what} must be a whole number of milliseconds from ${least} on, not ${ms}.`)
  }
}

/** @throws RangeError for a grace period that is negative or not a whole number. */
export function checkGrace(ms: number): void {
  checkMs('A grace period', ms, 0)
}
