import { expect, test } from 'vitest'
import { type CountRecord, faultsIn } from './checker.ts'

const regionOf = new Map([
  ['u1', 'north'],
  ['u2', 'south'],
])
const clicks = [
  { user: 'u1', timestamp: 0 },
  { user: 'u2', timestamp: 1 },
  { user: 'u1', timestamp: 2 },
]

function result(partition: number, offset: number, region: string, count: number): CountRecord {
  return { partition, offset, region, windowStart: 0, count }
}

const right = [result(0, 0, 'north', 1), result(0, 1, 'north', 2), result(1, 0, 'south', 1)]

test('right results have no faults', () => {
  expect(faultsIn(clicks, regionOf, right)).toEqual([])
})

test('a loss is found', () => {
  expect(faultsIn(clicks, regionOf, right.slice(0, 2))).toEqual(['south@0 ends at 0 instead of 1'])
  expect(faultsIn(clicks, regionOf, [right[0]!, right[2]!])).toEqual(['north@0 ends at 1 instead of 2'])
  expect(faultsIn(clicks, regionOf, right.slice(1))).toContain('north@0: 2 instead of 1 at 0:1')
})

test('a duplicate is found, whether the record or what it led to came twice', () => {
  expect(faultsIn(clicks, regionOf, [...right, result(0, 2, 'north', 2)])).toEqual(['north@0: 2 instead of 3 at 0:2'])
  expect(faultsIn(clicks, regionOf, [...right, result(0, 2, 'north', 3)])).toEqual(['north@0 ends at 3 instead of 2'])
})

test('a reorder is found', () => {
  const swapped = [result(0, 0, 'north', 2), result(0, 1, 'north', 1), right[2]!]
  expect(faultsIn(clicks, regionOf, swapped).length).toBeGreaterThan(0)
})

test('a key in two partitions, and a key without clicks, are found', () => {
  const astray = [right[0]!, result(1, 1, 'north', 2), right[2]!]
  expect(faultsIn(clicks, regionOf, astray)).toEqual(['north@0 is in partitions 0 and 1'])
  expect(faultsIn(clicks, regionOf, [...right, result(1, 1, 'west', 1)])).toEqual(['west@0 has a count and no clicks'])
})
