/** Some quantiles of a set of numbers. */
export interface Quantiles {
  readonly count: number
  readonly p50: number
  readonly p99: number
  readonly p999: number
  readonly max: number
}

/** @throws RangeError for none */
export function quantilesOf(numbers: readonly number[]): Quantiles {
  if (numbers.length === 0) throw new RangeError('There is nothing of which quantiles could be taken.')
  const sorted = Float64Array.from(numbers).sort()
  const at = (share: number): number => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]!
  return { count: sorted.length, p50: at(0.5), p99: at(0.99), p999: at(0.999), max: sorted.at(-1)! }
}
