import type { Time, Timer } from '../src/time.ts'

/** A clock that moves when told, and fires what has come due. */
export class ManualTime implements Time {
  #now: number
  #timers: { readonly at: number; readonly fire: () => void }[] = []

  constructor(now = 1_700_000_000_000) {
    this.#now = now
  }

  now(): number {
    return this.#now
  }

  setTimer(delayMs: number, fire: () => void): Timer {
    const timer = { at: this.#now + delayMs, fire }
    this.#timers.push(timer)
    return { cancel: () => this.#remove(timer) }
  }

  advance(ms: number): void {
    this.#now += ms
    for (;;) {
      const due = this.#timers.filter(({ at }) => at <= this.#now).sort((a, b) => a.at - b.at)[0]
      if (due === undefined) return
      this.#remove(due)
      due.fire()
    }
  }

  #remove(timer: { readonly at: number }): void {
    this.#timers = this.#timers.filter((other) => other !== timer)
  }
}
