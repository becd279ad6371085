import { expect, test } from 'vitest'
import { growth } from '../src/curves/growth.ts'
import { quantilesOf } from '../src/latency/quantiles.ts'

test('growth finds the exponent of a power law', () => {
  const sizes = [10, 100, 1000, 10_000]
  const linear = growth(sizes.map((size) => ({ size, cost: 3 * size })))
  expect(linear.exponent).toBeCloseTo(1)
  expect(linear.fit).toBeCloseTo(1)
  expect(growth(sizes.map((size) => ({ size, cost: 7 }))).exponent).toBeCloseTo(0)
})

test('quantiles are of the sorted numbers', () => {
  const numbers = Array.from({ length: 1000 }, (_, i) => 999 - i)
  expect(quantilesOf(numbers)).toEqual({ count: 1000, p50: 500, p99: 990, p999: 999, max: 999 })
})
