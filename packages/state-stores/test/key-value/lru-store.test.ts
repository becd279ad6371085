import { expect, test } from 'vitest'
import { bytes, commitOf, openStore, text } from '../../src/conformance/suite.ts'
import { type KeyValueBytesStore, lruStore, StoreConfigError } from '../../src/index.ts'
import { engines } from '../engines.ts'

const keys = (store: KeyValueBytesStore) => [...store.range(null, null)].map(([key]) => text(key))

test('a put beyond the bound evicts what was used least recently; ranges do not count as use', async () => {
  const { store } = await openStore(lruStore('store', 3))
  for (const key of 'abc') store.put(bytes(key), bytes('1'))
  store.get(bytes('a'))
  keys(store)
  store.put(bytes('d'), bytes('1'))
  expect(keys(store)).toEqual(['a', 'c', 'd'])
  store.put(bytes('c'), bytes('2'))
  store.delete(bytes('d'))
  store.put(bytes('e'), bytes('1'))
  store.put(bytes('f'), bytes('1'))
  expect(keys(store)).toEqual(['c', 'e', 'f'])
})

test('tells of each eviction before it, but not during restore', async () => {
  const { store } = await openStore(lruStore('store', 1))
  const evicted: (string | null)[] = []
  store.setEvictionListener?.((key) => evicted.push(`${text(key)}${store.range(key, key).next().done ? '' : '!'}`))
  store.put(bytes('a'), bytes('1'))
  store.put(bytes('b'), bytes('1'))
  store.restore(bytes('c'), bytes('1'), 0)
  expect(evicted).toEqual(['a!'])
  expect(keys(store)).toEqual(['c'])
})

test.each(engines)('a discard brings evicted entries back, over the %s engine', async (_name, fixture) => {
  const { store, engine, remove } = await openStore(lruStore('store', 2), fixture())
  for (const key of 'ab') store.put(bytes(key), bytes('1'))
  await engine.commit(commitOf(1))
  store.put(bytes('c'), bytes('1'))
  engine.discard()
  store.put(bytes('d'), bytes('1'))
  expect(keys(store)).toEqual(['b', 'd'])
  await remove()
})

test('refuses a negative bound', () => {
  expect(() => lruStore('store', -1)).toThrow(StoreConfigError)
})
