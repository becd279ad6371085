import { expect, test } from 'vitest'
import { bytes, openStore, random, text } from '../../src/conformance/suite.ts'
import { cachingKeyValueStore, keyValueStore, type RecordCache, type StoreIterator } from '../../src/index.ts'
import { cacheContext } from './cache-context.ts'

async function open(maxBytes = 10_000) {
  const below: string[] = []
  const inner = keyValueStore('store')
  const put = inner.put.bind(inner)
  const context = cacheContext(maxBytes)
  inner.put = (key, value) => {
    below.push(`${text(key)}=${text(value)}@${context.current}`)
    put(key, value)
  }
  const { store } = await openStore(cachingKeyValueStore(inner, context))
  const forwarded: string[] = []
  const listen = (sendOldValues: boolean) =>
    store.setFlushListener((key, newValue, oldValue, time) => {
      forwarded.push(`${text(key)}:${text(oldValue)}->${text(newValue)}@${time}/${context.current}`)
    }, sendOldValues)
  const putAt = (time: number, key: string, value: string | null) => {
    context.current = time
    store.put(bytes(key), value === null ? null : bytes(value))
  }
  return { store, inner, below, forwarded, listen, putAt, context }
}

test('holds writes back until the flush, keeps the last of each key, in the order of the last changes', async () => {
  const { store, below, forwarded, listen, putAt, context } = await open()
  listen(true)
  putAt(1, 'a', '1')
  putAt(2, 'b', '1')
  putAt(3, 'a', '2')
  expect(below).toEqual([])
  expect(text(store.get(bytes('a')))).toBe('2')
  context.current = 9
  store.flushCache()
  expect(below).toEqual(['b=1@2', 'a=2@3'])
  expect(forwarded).toEqual(['b:null->1@2/2', 'a:null->2@3/3'])
  expect(context.current).toBe(9)
  putAt(4, 'a', '3')
  store.flushCache()
  store.flushCache()
  expect(forwarded.slice(2)).toEqual(['a:2->3@4/4'])
})

test('a tombstone for what was never there goes no further; without a listener it does', async () => {
  const { store, below, forwarded, listen, putAt } = await open()
  putAt(1, 'x', null)
  store.flushCache()
  expect(below).toEqual(['x=null@1'])
  listen(false)
  putAt(2, 'a', '1')
  putAt(3, 'a', null)
  store.flushCache()
  putAt(4, 'b', '1')
  store.flushCache()
  store.delete(bytes('b'))
  expect(store.get(bytes('b'))).toBeNull()
  store.flushCache()
  expect(forwarded).toEqual(['b:null->1@4/4', 'b:null->null@4/4'])
})

test('what the listener puts back while flushing is held for the next flush', async () => {
  const { store, forwarded, putAt } = await open()
  store.setFlushListener((key, newValue) => {
    forwarded.push(`${text(key)}=${text(newValue)}`)
    if (text(key) === 'a') store.put(bytes('b'), bytes('again'))
    if (newValue === null) store.put(key, bytes('back'))
  }, false)
  putAt(1, 'c', '1')
  store.flushCache()
  putAt(2, 'a', '1')
  putAt(2, 'c', null)
  store.flushCache()
  expect(text(store.get(bytes('c')))).toBe('back')
  store.flushCache()
  expect(forwarded).toEqual(['c=1', 'a=1', 'c=null', 'b=again', 'c=back'])
})

test('evicting a dirty entry flushes all dirty ones, the evicted one first', async () => {
  // Each entry counts 1 byte of key, 1 of value, 25 and 20.
  const { store, forwarded, listen, putAt, context } = await open(47 * 3)
  listen(false)
  putAt(1, 'a', '1')
  putAt(2, 'b', '1')
  putAt(3, 'c', '1')
  store.get(bytes('a'))
  putAt(4, 'd', '1')
  expect(forwarded.map((change) => change[0])).toEqual(['b', 'a', 'c', 'd'])
  expect(context.cache.sizeBytes).toBe(47 * 3)
  putAt(5, 'e', '1')
  expect(forwarded.length).toBe(4)
  store.flushCache()
  expect(forwarded.slice(4)).toEqual(['e:null->1@5/5'])
})

test('without a budget each put goes straight through', async () => {
  const { below, forwarded, listen, putAt } = await open(0)
  listen(true)
  putAt(1, 'a', '1')
  putAt(2, 'a', '2')
  expect(below).toEqual(['a=1@1', 'a=2@2'])
  expect(forwarded).toEqual(['a:null->1@1/1', 'a:1->2@2/2'])
})

test('a cleared cache forgets what was not flushed; closing flushes', async () => {
  const { store, inner, below, putAt, context } = await open()
  putAt(1, 'a', '1')
  store.clearCache()
  expect(store.get(bytes('a'))).toBeNull()
  expect(context.cache.sizeBytes).toBe(0)
  putAt(2, 'b', '1')
  store.close()
  expect(below).toEqual(['b=1@2'])
  expect(inner.isOpen()).toBe(false)
})

test.each([1, 2, 3])('ranges agree with a store without cache, seed %d', async (seed) => {
  const next = random(seed)
  const { store, listen } = await open(47 * 12)
  listen(false)
  const { store: plain } = await openStore(keyValueStore('plain'))
  const bound = () => (next(4) === 0 ? null : bytes('abcdefgh'[next(8)]!))
  for (let step = 0; step < 600; step++) {
    const key = bytes('abcdefgh'[next(8)]! + 'xyz'.slice(0, next(3)))
    const choice = next(10)
    if (choice < 6) {
      const value = next(3) === 0 ? null : bytes(`${step % 10}`)
      store.put(key, value)
      plain.put(key, value)
    } else if (choice < 8) {
      const [from, to] = [bound(), bound()]
      expect(rows(store.range(from, to))).toEqual(rows(plain.range(from, to)))
      expect(rows(store.reverseRange(from, to))).toEqual(rows(plain.reverseRange(from, to)))
      const prefix = key.subarray(0, 1)
      expect(rows(store.prefixScan(prefix))).toEqual(rows(plain.prefixScan(prefix)))
    } else if (choice < 9) {
      expect(text(store.get(key))).toBe(text(plain.get(key)))
    } else {
      store.flushCache()
    }
  }
})

test('a smaller budget evicts from all caches', async () => {
  const context = cacheContext(10_000)
  const cache: RecordCache<number> = context.cache
  const first = await openStore(cachingKeyValueStore(keyValueStore('first'), { ...context, cacheName: '0_0-first' }))
  const second = await openStore(cachingKeyValueStore(keyValueStore('second'), { ...context, cacheName: '0_0-second' }))
  for (const key of 'abcd') {
    first.store.put(bytes(key), bytes('1'))
    second.store.put(bytes(key), bytes('1'))
  }
  expect(cache.sizeBytes).toBe(47 * 8)
  cache.resize(47 * 4)
  expect([cache.sizeBytes, cache.evictions]).toEqual([47 * 4, 4])
})

function rows(iterator: StoreIterator<Uint8Array, Uint8Array>) {
  return [...iterator].map(([key, value]) => [text(key), text(value)])
}
