// What the runtime records with. Recording is an addition and a comparison, without a clock: values belong to the window
// that is open, and `Metrics` closes windows between batches of work. Figures are computed when they are read.

/** Something that has windows of time: the one that is open, and the one before. */
export interface Windowed {
  /** Closes the open window; `isGap`: nothing was recorded in the one before it, so both begin anew. */
  roll(isGap: boolean): void
}

/** A count that only grows. */
export class Counter implements Windowed {
  total = 0
  #atStart = 0
  #atStartBefore = 0

  record(count = 1): void {
    this.total += count
  }

  /** What the two windows have counted. */
  get recent(): number {
    return this.total - this.#atStartBefore
  }

  roll(isGap: boolean): void {
    this.#atStartBefore = isGap ? this.total : this.#atStart
    this.#atStart = this.total
  }
}

/** Average, least and greatest of what was recorded in the two windows. */
export class Distribution implements Windowed {
  #count = 0
  #sum = 0
  #min = Infinity
  #max = -Infinity
  #before = emptyWindow

  record(value: number): void {
    this.#count += 1
    this.#sum += value
    if (value < this.#min) this.#min = value
    if (value > this.#max) this.#max = value
  }

  /** NaN when nothing was recorded, as in Java. */
  get avg(): number {
    return (this.#before.sum + this.#sum) / (this.#before.count + this.#count)
  }

  get min(): number {
    return orNaN(Math.min(this.#before.min, this.#min))
  }

  get max(): number {
    return orNaN(Math.max(this.#before.max, this.#max))
  }

  roll(isGap: boolean): void {
    this.#before = isGap ? emptyWindow : { count: this.#count, sum: this.#sum, min: this.#min, max: this.#max }
    this.#count = 0
    this.#sum = 0
    this.#min = Infinity
    this.#max = -Infinity
  }
}

const emptyWindow = { count: 0, sum: 0, min: Infinity, max: -Infinity }

function orNaN(value: number): number {
  return Number.isFinite(value) ? value : Number.NaN
}
