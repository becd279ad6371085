import { Serdes } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { Stores } from '../../src/dsl/stores.ts'
import type { StateStore, StoreBuilder } from '../../src/state/state-store.ts'
import { RecordingStoreContext } from './recording-store-context.ts'

const string = Serdes.string()
const windowSettings = { retentionMs: 100, windowSizeMs: 10 }

function open<S extends StateStore>(builder: StoreBuilder<S>, context = new RecordingStoreContext()): S {
  const store = builder.build()
  store.init(context)
  return store
}

describe.each([
  ['persistent', Stores.persistentWindowStore('store', windowSettings)],
  ['in memory', Stores.inMemoryWindowStore('store', windowSettings)],
])('a window store, %s', (_kind, supplier) => {
  const builder = Stores.windowStoreBuilder(supplier, string, string)

  test('gives the windows of a key, forwards and backwards, both ends inclusive', () => {
    const store = open(builder)
    for (const start of [0, 10, 20, 30]) store.put('k', `v${start}`, start)
    store.put('other', 'x', 10)
    store.put('k', null, 20)
    expect(store.fetchOne('k', 10)).toBe('v10')
    expect(store.fetchOne('k', 20)).toBeNull()
    expect([...store.fetch('k', 10, 30)]).toEqual([
      [10, 'v10'],
      [30, 'v30'],
    ])
    expect([...store.backwardFetch('k', 0, 30)].map(([start]) => start)).toEqual([30, 10, 0])
  })

  test('gives windows of several keys, with their ends', () => {
    const store = open(builder)
    for (const key of ['a', 'b', 'c']) store.put(key, key, 10)
    const first = { key: 'a', window: { start: 10, end: 20 } }
    expect([...store.fetchRange('a', 'b', 0, 50)].map(([{ key }]) => key)).toEqual(['a', 'b'])
    expect([...store.fetchRange(null, 'a', 0, 50)]).toEqual([[first, 'a']])
    expect([...store.backwardFetchRange('a', null, 0, 50)].map(([{ key }]) => key)).toEqual(['c', 'b', 'a'])
    expect([...store.fetchAll(10, 10)].length).toBe(3)
    expect([...store.backwardFetchAll(11, 50)]).toEqual([])
    expect([...store.all()][0]).toEqual([first, 'a'])
    expect([...store.backwardAll()].map(([{ key }]) => key)).toEqual(['c', 'b', 'a'])
  })

  test('forgets windows that start at or before the newest start minus the retention', () => {
    const store = open(builder)
    store.put('k', 'old', 10)
    store.put('k', 'new', 110)
    expect(store.fetchOne('k', 10)).toBeNull()
    expect([...store.all()].map(([{ window }]) => window.start)).toEqual([110])
    expect(store.retentionMs).toBe(100)
  })

  test('restores from its changelog', () => {
    const context = new RecordingStoreContext()
    const timestamped = Stores.timestampedWindowStoreBuilder(supplier, string, string)
    open(timestamped, context).put('k', { value: 'v', timestamp: 17 }, 10)
    const restored = open(timestamped)
    for (const [key, value, timestamp] of context.raw) restored.restore!(key, value, timestamp)
    expect(restored.fetchOne('k', 10)).toEqual({ value: 'v', timestamp: 17 })
  })
})

describe.each([
  ['persistent', Stores.persistentSessionStore('store', 100)],
  ['in memory', Stores.inMemorySessionStore('store', 100)],
])('a session store, %s', (_kind, supplier) => {
  const builder = Stores.sessionStoreBuilder(supplier, string, string)
  const session = (key: string, start: number, end: number) => ({ key, window: { start, end } })

  test('finds the sessions of a key that touch a time', () => {
    const store = open(builder)
    store.put(session('k', 0, 5), 'one')
    store.put(session('k', 20, 30), 'two')
    store.put(session('other', 0, 5), 'x')
    expect([...store.findSessions('k', 5, 19)]).toEqual([[session('k', 0, 5), 'one']])
    expect([...store.findSessions('k', 6, 20)]).toEqual([[session('k', 20, 30), 'two']])
    expect([...store.fetch('k')].map(([{ window }]) => window.start)).toEqual([0, 20])
    expect([...store.backwardFetch('k')].map(([{ window }]) => window.start)).toEqual([20, 0])
    expect([...store.fetchRange('k', 'other')].length).toBe(3)
    expect(store.fetchSession('k', 20, 30)).toBe('two')
    store.remove(session('k', 20, 30))
    expect(store.fetchSession('k', 20, 30)).toBeNull()
  })

  test('finds sessions of all keys by their end', () => {
    const store = open(builder)
    store.put(session('b', 0, 5), 'one')
    store.put(session('a', 2, 7), 'two')
    store.put(session('a', 20, 30), 'three')
    expect([...store.findSessionsByEnd(5, 7)].map(([, value]) => value)).toEqual(['one', 'two'])
  })

  test('restores from its changelog', () => {
    const context = new RecordingStoreContext()
    open(builder, context).put(session('k', 0, 5), 'one')
    const restored = open(builder)
    for (const [key, value, timestamp] of context.raw) restored.restore!(key, value, timestamp)
    expect(restored.fetchSession('k', 0, 5)).toBe('one')
  })
})
