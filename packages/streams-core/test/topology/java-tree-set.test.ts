import { expect, test } from 'vitest'
import { JavaTreeSet } from '../../src/topology/java-tree-set.ts'

test('keeps values sorted, each once', () => {
  const set = new JavaTreeSet<number>((a, b) => a - b)
  let state = 12_345
  const values = Array.from({ length: 500 }, () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648
    return state % 300
  })
  for (const value of values) set.add(value)
  expect([...set]).toEqual([...new Set(values)].sort((a, b) => a - b))
})

test('a value stays where it was put when the comparison changes', () => {
  const sizes = new Map([
    ['a', 1],
    ['b', 1],
  ])
  const set = new JavaTreeSet<string>((a, b) => sizes.get(b)! - sizes.get(a)! || (a < b ? -1 : a > b ? 1 : 0))
  set.add('a')
  set.add('b')
  sizes.set('b', 9)
  expect([...set]).toEqual(['a', 'b'])
})
