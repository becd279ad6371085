/** What a cost was at a size. */
export interface Point {
  readonly size: number
  readonly cost: number
}

/**
 * How cost grows with size: the exponent `e` of `cost ≈ c · size^e`, by least squares over logarithms. 0: not at all; 1:
 * proportional. `fit` is the coefficient of determination, 1 for a straight line.
 */
export function growth(points: readonly Point[]): { readonly exponent: number; readonly fit: number } {
  const xs = points.map(({ size }) => Math.log(size))
  const ys = points.map(({ cost }) => Math.log(cost))
  const mean = (numbers: readonly number[]): number => numbers.reduce((sum, each) => sum + each, 0) / numbers.length
  const [mx, my] = [mean(xs), mean(ys)]
  const sxx = xs.reduce((sum, x) => sum + (x - mx) ** 2, 0)
  const sxy = xs.reduce((sum, x, i) => sum + (x - mx) * (ys[i]! - my), 0)
  const syy = ys.reduce((sum, y) => sum + (y - my) ** 2, 0)
  return { exponent: sxy / sxx, fit: syy === 0 ? 1 : sxy ** 2 / (sxx * syy) }
}
