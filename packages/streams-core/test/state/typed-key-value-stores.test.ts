import { Serdes } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import { Stores } from '../../src/dsl/stores.ts'
import { setFlushListener } from '../../src/state/flush-listener.ts'
import type { KeyValueStore, StateStore, StoreBuilder } from '../../src/state/state-store.ts'
import { RecordingStoreContext } from './recording-store-context.ts'

const string = Serdes.string()
const supplier = Stores.inMemoryKeyValueStore('store')
const plain = Stores.keyValueStoreBuilder(supplier, string, string)
const timestamped = Stores.timestampedKeyValueStoreBuilder(supplier, string, string)

function open<S extends StateStore>(builder: StoreBuilder<S>, context = new RecordingStoreContext()): S {
  const store = builder.build()
  store.init(context)
  return store
}

function fill(store: KeyValueStore<string, string>): KeyValueStore<string, string> {
  store.putAll(['b', 'a', 'ab', 'c'].map((key) => [key, key.toUpperCase()]))
  return store
}

describe('a key-value store', () => {
  test('gives what was put; null deletes', () => {
    const store = open(plain)
    store.put('k', 'v')
    expect(store.get('k')).toBe('v')
    expect(store.putIfAbsent('k', 'other')).toBe('v')
    expect(store.delete('k')).toBe('v')
    expect(store.get('k')).toBeNull()
    expect(store.putIfAbsent('k', 'new')).toBeNull()
    store.put('k', null)
    expect(store.delete('k')).toBeNull()
  })

  test('walks ranges in the order of key bytes, both ends inclusive, null being open', () => {
    const store = fill(open(plain))
    expect([...store.range('a', 'b')]).toEqual([
      ['a', 'A'],
      ['ab', 'AB'],
      ['b', 'B'],
    ])
    expect([...store.reverseRange(null, 'ab')].map(([key]) => key)).toEqual(['ab', 'a'])
    expect([...store.all()].map(([key]) => key)).toEqual(['a', 'ab', 'b', 'c'])
    expect([...store.reverseAll()].map(([key]) => key)).toEqual(['c', 'b', 'ab', 'a'])
    expect([...store.prefixScan(Buffer.from('a'))].map(([key]) => key)).toEqual(['a', 'ab'])
    expect([...store.range('c', 'a')]).toEqual([])
    expect(store.approximateNumEntries()).toBe(4)
  })

  test.each([plain, timestamped])('keeps nothing of the block from which it was restored', (builder) => {
    const store = open<KeyValueStore<string, unknown>>(builder as never)
    const block = Buffer.from(`key1${'v'.repeat(100)}key2v`)
    store.restore!(block.subarray(0, 4), block.subarray(4, 104), 7)
    store.restore!(block.subarray(104, 108), block.subarray(108), 8)
    block.fill(0)
    const values = [...store.all()].map(([key, row]) => [
      key,
      row !== null && typeof row === 'object' ? row : { value: row },
    ])
    expect(values).toMatchObject([
      ['key1', { value: 'v'.repeat(100) }],
      ['key2', { value: 'v' }],
    ])
  })

  test('lets its iterators be looked into and left early', () => {
    const entries = fill(open(plain)).all()
    expect(entries.peekNextKey()).toBe('a')
    expect(entries.next().value).toEqual(['a', 'A'])
    expect(entries.peekNextKey()).toBe('ab')
    for (const [key] of entries) if (key === 'ab') break
    expect(entries.next().done).toBe(true)
  })

  test('refuses a null key, naming itself', () => {
    const store = open(plain)
    expect(() => store.get(null as never)).toThrow("Store 'store': the key is null")
    expect(() => store.put(null as never, 'v')).toThrow("Store 'store': the key is null")
  })

  test('refuses to work when it is closed, naming itself', () => {
    const store = open(plain)
    store.close()
    expect(store.isOpen()).toBe(false)
    expect(() => store.get('k')).toThrow("'store'")
  })

  test('tells -0 from 0 among its keys', () => {
    const store = open(Stores.keyValueStoreBuilder(supplier, Serdes.float64(), string))
    store.put(0, 'zero')
    expect(store.get(-0)).toBeNull()
  })
})

describe('the changelog', () => {
  test('of plain values has the time of the record in process', () => {
    const context = new RecordingStoreContext()
    const store = open(plain, context)
    context.at(5)
    store.put('k', 'v')
    store.delete('k')
    expect(context.logged).toEqual([
      { key: 'k', value: 'v', timestamp: 5 },
      { key: 'k', value: null, timestamp: 5 },
    ])
  })

  test('of timestamped values has their time, and restores them', () => {
    const context = new RecordingStoreContext()
    const row = { value: 'v', timestamp: 1_700_000_040_000 }
    open(timestamped, context.at(9)).put('k', row)
    expect(context.logged).toEqual([{ key: 'k', value: 'v', timestamp: row.timestamp }])
    const restored = open(timestamped)
    for (const [key, value, timestamp] of context.raw) restored.restore!(key, value, timestamp)
    expect(restored.get('k')).toEqual(row)
  })

  test('is left out where logging is off', () => {
    const context = new RecordingStoreContext()
    open(plain.withLoggingDisabled(), context).put('k', 'v')
    expect(context.logged).toEqual([])
  })
})

describe('a cached store', () => {
  const cached = timestamped.withCachingEnabled()

  function listened(sendOldValues: boolean) {
    const context = new RecordingStoreContext(10_000)
    const store = open(cached, context)
    const heard: unknown[] = []
    const isCached = setFlushListener<string, unknown>(
      store,
      (key, newValue, oldValue, timestamp, headers) =>
        heard.push([key, newValue, oldValue, timestamp, headers.toArray().length]),
      sendOldValues,
    )
    return { context, store, heard, isCached }
  }

  test('keeps writes back until a flush, which hands on the last one of each key with its own record', () => {
    const { context, store, heard, isCached } = listened(true)
    expect(isCached).toBe(true)
    store.put('k', { value: 'one', timestamp: 1 })
    context.at(2)
    store.put('k', { value: 'two', timestamp: 2 })
    context.at(7)
    expect(store.get('k')).toEqual({ value: 'two', timestamp: 2 })
    expect([heard, context.logged]).toEqual([[], []])
    store.flush()
    expect(heard).toEqual([['k', { value: 'two', timestamp: 2 }, null, 2, 1]])
    expect(context.logged).toEqual([{ key: 'k', value: 'two', timestamp: 2 }])
    expect(context.recordContext()?.timestamp).toBe(7)
    store.put('k', null)
    store.flush()
    expect(heard.at(-1)).toEqual(['k', null, { value: 'two', timestamp: 2 }, 7, 1])
  })

  test('reads old values only where they are wanted', () => {
    const { store, heard } = listened(false)
    for (const value of ['one', 'two']) {
      store.put('k', { value, timestamp: 1 })
      store.flush()
    }
    expect(heard.at(-1)).toEqual(['k', { value: 'two', timestamp: 1 }, null, 0, 1])
  })

  test('has no cache when the thread’s cache has no bytes', () => {
    const store = open(cached, new RecordingStoreContext(0))
    expect(setFlushListener(store, () => {}, false)).toBe(false)
  })
})

describe('a versioned store', () => {
  const versioned = Stores.versionedKeyValueStoreBuilder(
    Stores.persistentVersionedKeyValueStore('store', 100),
    string,
    string,
  )

  test('gives the newest version, and older ones by time', () => {
    const store = open(versioned)
    expect(store.put('k', 'one', 10)).toBeUndefined()
    expect(store.put('k', 'two', 20)).toBeUndefined()
    expect(store.put('k', 'between', 15)).toBe(20)
    expect(store.get('k')).toEqual({ value: 'two', timestamp: 20, validTo: undefined })
    expect(store.getAsOf('k', 17)).toEqual({ value: 'between', timestamp: 15, validTo: 20 })
    expect(store.getAsOf('k', 5)).toBeNull()
    expect(store.delete('k', 30)?.value).toBe('two')
    expect(store.get('k')).toBeNull()
  })

  test('drops, counts, and still logs what is older than its history', () => {
    const context = new RecordingStoreContext()
    const store = open(versioned, context)
    store.put('k', 'new', 1000)
    expect(store.put('k', 'old', 899)).toBe(-1)
    expect(context.dropped).toBe(1)
    expect(context.logged.length).toBe(2)
  })
})
