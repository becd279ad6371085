import { expect, test } from 'vitest'
import { fromBinaryKey, toBinaryKey } from '../../src/binary-key.ts'
import { ByteMap, NO_ENTRY } from '../../src/engine/byte-map.ts'

/** Draws whole numbers below `limit`. */
function generator(seed: number): (limit: number) => number {
  let state = seed
  return (limit) => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) % limit
  }
}

const contentOf = (map: ByteMap) =>
  Array.from(map.entries(), ([key, value]) => [toBinaryKey(key), value && toBinaryKey(value)]).sort()

test.each([1, 2, 3, 4])('agrees with a Map, seed %i', (seed) => {
  const draw = generator(seed)
  const map = new ByteMap()
  const model = new Map<string, string | null>()
  for (let step = 0; step < 4_000; step++) {
    const key = `k${draw(600)}`.repeat(1 + draw(3))
    const bytes = fromBinaryKey(key)
    const entry = map.find(bytes)
    expect(entry !== NO_ENTRY).toBe(model.has(key))
    if (entry !== NO_ENTRY) expect(map.value(entry) && toBinaryKey(map.value(entry)!)).toBe(model.get(key))
    const action = draw(1_000)
    if (action < 2) {
      map.clear()
      model.clear()
    } else if (action < 300) {
      if (entry !== NO_ENTRY) map.delete(entry, bytes)
      model.delete(key)
    } else {
      const value = draw(20) === 0 ? null : 'v'.repeat(draw(draw(2) === 0 ? 20 : 150))
      if (entry === NO_ENTRY) map.add(bytes, value === null ? null : fromBinaryKey(value))
      else map.setValue(entry, value === null ? null : fromBinaryKey(value))
      model.set(key, value)
    }
    expect(map.size).toBe(model.size)
  }
  expect(contentOf(map)).toEqual([...model].sort())
})

test('holds keys and values that are larger than its pages, and gives their memory back', () => {
  const map = new ByteMap()
  for (let size = 65_400; size < 65_600; size++) map.add(new Uint8Array(size).fill(size % 251), new Uint8Array([1]))
  const key = new Uint8Array(200_000).fill(7)
  const entry = map.add(key, new Uint8Array(300_000).fill(8))
  map.add(new Uint8Array([1]), new Uint8Array([2]))
  expect(map.find(key)).toBe(entry)
  expect(map.value(entry)).toHaveLength(300_000)
  expect(map.memoryBytes).toBeGreaterThan(500_000 + 200 * 65_400)
  for (let size = 65_400; size < 65_600; size++) {
    const one = new Uint8Array(size).fill(size % 251)
    map.delete(map.find(one), one)
  }
  expect(contentOf(map)).toHaveLength(2)
  map.clear()
  expect(map.memoryBytes).toBeLessThan(100_000)
  expect(map.find(key)).toBe(NO_ENTRY)
})

test('uses the room of deleted entries again', () => {
  const map = new ByteMap()
  const keys = Array.from({ length: 1_000 }, (_, i) => fromBinaryKey(`key-${1_000 + i}`))
  const rounds = (count: number): number => {
    for (let round = 0; round < count; round++) {
      for (const key of keys) map.add(key, new Uint8Array(16))
      for (const key of keys) map.delete(map.find(key), key)
    }
    return map.memoryBytes
  }
  const once = rounds(1)
  expect(rounds(20)).toBe(once)
})

test('what is given out is not changed by later writes', () => {
  const map = new ByteMap()
  const key = fromBinaryKey('key')
  const entry = map.add(key, fromBinaryKey('first'))
  const first = map.value(entry)!
  map.setValue(entry, fromBinaryKey('other'))
  expect([toBinaryKey(first), toBinaryKey(map.value(entry)!)]).toEqual(['first', 'other'])
})
