import { expect, test } from 'vitest'
import { Headers } from '../src/index.ts'

test('names may repeat and keep their order', () => {
  const headers = Headers.empty.add('a', 'one').add('b', null).add('a', Uint8Array.of(2))
  expect(headers.toArray().map((header) => header.key)).toEqual(['a', 'b', 'a'])
  expect(headers.lastHeader('a')?.value).toEqual(Uint8Array.of(2))
  expect(headers.headers('a')).toHaveLength(2)
  expect([...headers.remove('a')].map((header) => header.key)).toEqual(['b'])
})

test('adding and removing leave the list as it was', () => {
  const one = Headers.empty.add('a', 'x')
  one.add('b', 'y')
  one.remove('a')
  expect(one.size).toBe(1)
  expect(one.remove('a')).toBe(Headers.empty)
})
