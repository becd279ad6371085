/** The middle one of some numbers; of an even count the mean of the two in the middle. */
export function median(numbers: readonly number[]): number {
  const sorted = numbers.toSorted((a, b) => a - b)
  const middle = sorted.length / 2
  return sorted.length % 2 === 1 ? sorted[Math.floor(middle)]! : (sorted[middle - 1]! + sorted[middle]!) / 2
}

/** A ratio over several rounds: its median, least and greatest. */
export interface Ratio {
  readonly median: number
  readonly min: number
  readonly max: number
}

/** The ratios of each round: `of[i] / to[i]`. */
export function ratio(of: readonly number[], to: readonly number[]): Ratio {
  const ratios = of.map((value, i) => value / to[i]!)
  return { median: median(ratios), min: Math.min(...ratios), max: Math.max(...ratios) }
}

export function ratioText({ median, min, max }: Ratio): string {
  const digits = median < 10 ? 2 : 1
  return `${median.toFixed(digits)} (${min.toFixed(digits)}–${max.toFixed(digits)})`
}
