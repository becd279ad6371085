/** A timer that has not fired yet. */
export interface Timer {
  /** Does nothing when it has fired. */
  cancel(): void
}

/**
 * The only clock of the library.
 * @see org.apache.kafka.common.utils.Time
 */
export interface Time {
  /** Unix ms. */
  now(): number
  /** Calls `fire` once, `delayMs` from now. */
  setTimer(delayMs: number, fire: () => void): Timer
  /** A clock for durations, ns from any begin; absent: as exact as `now`. */
  nanoseconds?(): number
  /** Lets the event loop do its other work, then goes on. */
  nextTurn(): Promise<void>
}

/** The wall clock and the event loop's timers. */
export const systemTime: Time = {
  now: () => Date.now(),
  nanoseconds: () => performance.now() * 1e6,
  setTimer(delayMs, fire) {
    const timer = setTimeout(fire, delayMs)
    return { cancel: () => clearTimeout(timer) }
  },
  nextTurn: () => new Promise((resolve) => setImmediate(resolve)),
}

/** Resolves `ms` from now. */
export function delay(time: Pick<Time, 'setTimer'>, ms: number): Promise<void> {
  return new Promise((resolve) => {
    time.setTimer(ms, resolve)
  })
}

/** ns from any begin: for durations only. */
export function nanoseconds(time: Time): number {
  return time.nanoseconds?.() ?? time.now() * 1e6
}
