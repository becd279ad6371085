/** A timer that has not fired yet. */
export interface Timer {
  /** Does nothing when it has fired. */
  cancel(): void
}

/**
 * The client's only clock.
 * @see org.apache.kafka.common.utils.Time
 */
export interface Time {
  /** Unix ms. */
  now(): number
  /** Calls `fire` once, `delayMs` from now. */
  setTimer(delayMs: number, fire: () => void): Timer
}

/** The wall clock and the event loop's timers. */
export const systemTime: Time = {
  now: () => Date.now(),
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
}

/** Settles `delayMs` from now. */
export function sleep(time: Time, delayMs: number): Promise<void> {
  return new Promise((resolve) => {
    time.setTimer(delayMs, resolve)
  })
}
