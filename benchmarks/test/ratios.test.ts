import { expect, test } from 'vitest'
import { median, ratio, ratioText } from '../src/compare/ratios.ts'

test('a ratio is the median of those of each round, with the least and the greatest', () => {
  expect(ratio([20, 30, 80], [10, 10, 10])).toEqual({ median: 3, min: 2, max: 8 })
  expect(median([4, 1, 3, 2])).toBe(2.5)
  expect(ratioText({ median: 3, min: 2, max: 8 })).toBe('3.00 (2.00–8.00)')
})
