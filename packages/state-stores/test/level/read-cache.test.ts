import { expect, test } from 'vitest'
import { ReadCache } from '../../src/level/read-cache.ts'

test('keeps what is used, forgets what is not, and stays within its budget', () => {
  const cache = new ReadCache(50_000)
  const section = cache.section()
  for (let i = 0; i < 10_000; i++) {
    section.set(`key-${i}`, new Uint8Array(10))
    section.get('key-0')
    expect(cache.sizeBytes).toBeLessThanOrEqual(50_200)
  }
  expect(section.get('key-0')).toHaveLength(10)
  expect(section.get('key-1')).toBeUndefined()
  expect(section.get('key-9999')).toHaveLength(10)
})

test('remembers that there is no such key', () => {
  const section = new ReadCache(1000).section()
  section.set('none', null)
  expect(section.get('none')).toBeNull()
})

test('sections share the budget but not the keys', () => {
  const cache = new ReadCache(2000)
  const [first, second] = [cache.section(), cache.section()]
  first.set('key', new Uint8Array(1))
  expect(second.get('key')).toBeUndefined()
  for (let i = 0; i < 100; i++) second.set(`${i}`, null)
  expect(first.get('key')).toBeUndefined()
})
