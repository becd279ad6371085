import type { Time, Timer } from '../../time.ts'

interface Deadline {
  /** Unix ms. */
  at: number
  readonly firesAt: number
  readonly timer: Timer
}

/** One deadline per key, each of which fires once. Moving one to later costs no timer. */
export class Deadlines {
  readonly #time: Time
  readonly #onPassed: (key: string) => void
  readonly #deadlines = new Map<string, Deadline>()

  constructor(time: Time, onPassed: (key: string) => void) {
    this.#time = time
    this.#onPassed = onPassed
  }

  has(key: string): boolean {
    return this.#deadlines.has(key)
  }

  /** The key's deadline is so long from now. */
  set(key: string, delayMs: number): void {
    const at = this.#time.now() + delayMs
    const known = this.#deadlines.get(key)
    if (known !== undefined && known.firesAt <= at) known.at = at
    else this.#arm(key, at)
  }

  cancel(key: string): void {
    this.#deadlines.get(key)?.timer.cancel()
    this.#deadlines.delete(key)
  }

  close(): void {
    for (const { timer } of this.#deadlines.values()) timer.cancel()
    this.#deadlines.clear()
  }

  #arm(key: string, at: number): void {
    this.cancel(key)
    const timer = this.#time.setTimer(Math.max(at - this.#time.now(), 0), () => this.#fire(key))
    this.#deadlines.set(key, { at, firesAt: at, timer })
  }

  #fire(key: string): void {
    const deadline = this.#deadlines.get(key)
    if (deadline === undefined) return
    if (deadline.at > this.#time.now()) this.#arm(key, deadline.at)
    else {
      this.#deadlines.delete(key)
      this.#onPassed(key)
    }
  }
}
