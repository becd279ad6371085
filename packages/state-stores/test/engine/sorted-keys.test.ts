import { describe, expect, test } from 'vitest'
import { random } from '../../src/conformance/suite.ts'
import { SortedKeys, type SortedKeysWalk } from '../../src/engine/sorted-keys.ts'

function rest(walk: SortedKeysWalk): string[] {
  const keys: string[] = []
  for (let key = walk.next(); key !== undefined; key = walk.next()) keys.push(key)
  return keys
}

const key = (n: number) => String.fromCharCode(n >> 8, n & 255)

describe.each([1, 2, 3, 4])('seed %d', (seed) => {
  test('agrees with a sorted array, and walks see the keys of their beginning', () => {
    const next = random(seed)
    const sorted = new SortedKeys()
    let model: string[] = []
    const walks: { walk: SortedKeysWalk; expected: string[] }[] = []
    for (let step = 0; step < 8_000; step++) {
      const k = key(next(4000))
      const choice = next(100)
      if (choice < 55) {
        expect(sorted.add(k)).toBe(!model.includes(k))
        if (!model.includes(k)) model = [...model, k].sort()
      } else if (choice < 96) {
        expect(sorted.delete(k)).toBe(model.includes(k))
        model = model.filter((other) => other !== k)
      } else if (choice < 97) {
        const to = key(next(4000))
        const removed = model.filter((other) => other >= k && other < to)
        expect(sorted.deleteRange(k, to)).toEqual(removed)
        model = model.filter((other) => other < k || other >= to)
      } else {
        const to = key(next(4000))
        const low = next(4) === 0 ? undefined : k
        const high = next(4) === 0 ? undefined : to
        const reverse = next(2) === 0
        const exclusive = next(2) === 0
        const expected = model.filter(
          (other) =>
            (low === undefined || other >= low) && (high === undefined || (exclusive ? other < high : other <= high)),
        )
        walks.push({
          walk: sorted.walk(low, high, reverse, exclusive),
          expected: reverse ? expected.reverse() : expected,
        })
        if (walks.length > 5) {
          const done = walks.shift()!
          expect(rest(done.walk)).toEqual(done.expected)
        }
      }
    }
    for (const { walk, expected } of walks) expect(rest(walk)).toEqual(expected)
    expect(sorted.size).toBe(model.length)
    expect(rest(sorted.walk(undefined, undefined, false))).toEqual(model)
    expect(sorted.openWalks).toBe(0)
  })
})

test('is built from keys in any order', () => {
  const keys = Array.from({ length: 3000 }, (_, i) => key((i * 7919) % 3000))
  expect(rest(SortedKeys.of(keys).walk(undefined, undefined, false))).toEqual([...keys].sort())
})

test('a walk that is closed early is no longer counted', () => {
  const sorted = SortedKeys.of(['a', 'b'])
  const walk = sorted.walk(undefined, undefined, false)
  walk.next()
  expect(sorted.openWalks).toBe(1)
  walk.close()
  walk.close()
  expect(sorted.openWalks).toBe(0)
  expect(walk.next()).toBeUndefined()
})
