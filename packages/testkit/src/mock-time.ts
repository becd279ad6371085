import type { Time, Timer } from '@millrace/streams-core/internal'

interface PendingTimer {
  readonly at: number
  readonly fire: () => void
}

/**
 * A clock that moves only when it is told to. Timers fire, in the order in which they are due, while it advances.
 * @see org.apache.kafka.common.utils.MockTime
 */
export class MockTime implements Time {
  #now: number
  #timers: PendingTimer[] = []

  /** `start`: Unix ms. */
  constructor(start = 0) {
    this.#now = start
  }

  now(): number {
    return this.#now
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const timer = { at: this.#now + delayMs, fire }
    this.#timers.push(timer)
    return {
      cancel: () => {
        this.#timers = this.#timers.filter((pending) => pending !== timer)
      },
    }
  }

  nextTurn(): Promise<void> {
    return Promise.resolve()
  }

  /** Moves the clock by `ms`. @throws RangeError when that is negative */
  advance(ms: number): void {
    if (!(ms >= 0)) throw new RangeError(`Time cannot go back: advance(${ms}).`)
    const end = this.#now + ms
    for (let next = this.#nextDue(end); next !== undefined; next = this.#nextDue(end)) {
      const due = next
      this.#timers = this.#timers.filter((pending) => pending !== due)
      if (due.at > this.#now) this.#now = due.at
      due.fire()
    }
    this.#now = end
  }

  /** Moves the clock to when the next timer is due, and fires it; does nothing when there is none. */
  advanceToNextTimer(): void {
    const next = this.#nextDue(Number.POSITIVE_INFINITY)
    if (next !== undefined) this.advance(Math.max(0, next.at - this.#now))
  }

  #nextDue(end: number): PendingTimer | undefined {
    let next: PendingTimer | undefined
    for (const timer of this.#timers) if (timer.at <= end && (next === undefined || timer.at < next.at)) next = timer
    return next
  }
}
