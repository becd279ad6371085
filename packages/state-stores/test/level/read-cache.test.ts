import { expect, test } from 'vitest'
import { fromBinaryKey } from '../../src/binary-key.ts'
import { hashBytes } from '../../src/engine/hash-bytes.ts'
import { ReadCache } from '../../src/level/read-cache.ts'

/** A key, and its hash. */
function key(text: string): [Uint8Array, number] {
  const bytes = fromBinaryKey(text)
  return [bytes, hashBytes(bytes)]
}

test('keeps what is used, forgets what is not, and stays within its budget', () => {
  const cache = new ReadCache(50_000)
  const section = cache.section()
  for (let i = 0; i < 10_000; i++) {
    const [bytes, hash] = key(`key-${i}`)
    section.set(bytes, new Uint8Array(10), hash)
    section.get(...key('key-0'))
    expect(cache.sizeBytes).toBeLessThanOrEqual(50_200)
  }
  expect(section.get(...key('key-0'))).toHaveLength(10)
  expect(section.get(...key('key-1'))).toBeUndefined()
  expect(section.get(...key('key-9999'))).toHaveLength(10)
})

test('remembers that there is no such key', () => {
  const section = new ReadCache(1000).section()
  const [bytes, hash] = key('none')
  section.set(bytes, null, hash)
  expect(section.get(bytes, hash)).toBeNull()
})

test('sections share the budget but not the keys', () => {
  const cache = new ReadCache(2000)
  const [first, second] = [cache.section(), cache.section()]
  const [bytes, hash] = key('key')
  first.set(bytes, new Uint8Array(1), hash)
  expect(second.get(...key('key'))).toBeUndefined()
  for (let i = 0; i < 100; i++) {
    const [other, otherHash] = key(`${i}`)
    second.set(other, null, otherHash)
  }
  expect(first.get(...key('key'))).toBeUndefined()
})
