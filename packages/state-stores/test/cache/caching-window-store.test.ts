import { describe, expect, test } from 'vitest'
import { bytes, openStore, random, text } from '../../src/conformance/suite.ts'
import type { StoreIterator, WindowBytesKey } from '../../src/index.ts'
import {
  cachingWindowStore,
  inMemoryWindowStore,
  segmentedWindowStore,
  timeOrderedWindowStore,
  windowKeyBytes,
  windowStart,
} from '../../src/index.ts'
import { cacheContext } from './cache-context.ts'

const options = { name: 'store', retentionMs: 100_000, windowSizeMs: 10, segmentIntervalMs: 100 }
const kinds = { segmentedWindowStore, timeOrderedWindowStore, inMemoryWindowStore }

describe.each(Object.entries(kinds))('%s', (_name, factory) => {
  test.each([1, 2])('reads agree with a store without cache, seed %d', async (seed) => {
    const next = random(seed)
    const { store } = await openStore(cachingWindowStore(factory(options), cacheContext(3000)))
    const { store: plain } = await openStore(factory(options))
    const bound = () => (next(3) === 0 ? null : bytes('abc'[next(3)]!))
    for (let step = 0; step < 500; step++) {
      const key = bytes('abc'[next(3)]!)
      const start = next(500)
      const to = next(6) === 0 ? Number.POSITIVE_INFINITY : start + next(300)
      const choice = next(10)
      if (choice < 6) {
        const value = next(4) === 0 ? null : bytes(`${step}`)
        store.put(key, value, start)
        plain.put(key, value, start)
      } else if (choice < 7) {
        expect(text(store.fetchOne(key, start))).toBe(text(plain.fetchOne(key, start)))
        expect(rows(store.fetch(key, start, to))).toEqual(rows(plain.fetch(key, start, to)))
        expect(rows(store.backwardFetch(key, start, to))).toEqual(rows(plain.backwardFetch(key, start, to)))
      } else if (choice < 8) {
        const [from, until] = [bound(), bound()]
        expect(rows(store.fetchRange(from, until, start, to))).toEqual(rows(plain.fetchRange(from, until, start, to)))
        const backward = rows(plain.backwardFetchRange(from, until, start, to))
        expect(rows(store.backwardFetchRange(from, until, start, to))).toEqual(backward)
      } else if (choice < 9) {
        expect(rows(store.all())).toEqual(rows(plain.all()))
        expect(rows(store.backwardAll())).toEqual(rows(plain.backwardAll()))
      } else {
        store.flushCache()
      }
    }
  })

  test('flushes window keys with old values, in the order of the last changes', async () => {
    const context = cacheContext(10_000)
    const { store } = await openStore(cachingWindowStore(factory(options), context))
    const forwarded: string[] = []
    store.setFlushListener((key, newValue, oldValue, time) => {
      forwarded.push(`${text(windowKeyBytes(key))}${windowStart(key)}:${text(oldValue)}->${text(newValue)}@${time}`)
    }, true)
    const put = (time: number, key: string, value: string | null, start: number) => {
      context.current = time
      store.put(bytes(key), value === null ? null : bytes(value), start)
    }
    put(1, 'b', '1', 10)
    put(2, 'a', '1', 200)
    put(3, 'b', '2', 10)
    put(4, 'c', null, 10)
    store.flushCache()
    put(5, 'a', null, 200)
    store.flushCache()
    expect(forwarded).toEqual(['a200:null->1@2', 'b10:null->2@3', 'a200:1->null@5'])
  })
})

function rows(iterator: StoreIterator<WindowBytesKey, Uint8Array>) {
  return [...iterator].map(([{ key, start }, value]) => [text(key), start, text(value)])
}
