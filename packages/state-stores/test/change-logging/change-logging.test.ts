import { expect, test } from 'vitest'
import { bytes, openStore, text } from '../../src/conformance/suite.ts'
import {
  changeLoggingKeyValueStore,
  changeLoggingSessionStore,
  changeLoggingVersionedStore,
  changeLoggingWindowStore,
  inMemorySessionStore,
  inMemoryWindowStore,
  keyValueStore,
  lruStore,
  segmentedWindowStore,
  sessionKey,
  timestampedBytes,
  versionedStore,
  windowKey,
} from '../../src/index.ts'

type Entry = [key: string | null, value: string | null, timestamp: number | undefined]

function logger() {
  const log: Entry[] = []
  const logChange = (key: Uint8Array, value: Uint8Array | null, timestamp: number | undefined) => {
    log.push([text(key), text(value), timestamp])
  }
  return { log, logChange }
}

test('key-value: logs what was written, and each delete', async () => {
  const { log, logChange } = logger()
  const { store } = await openStore(changeLoggingKeyValueStore(keyValueStore('store'), logChange))
  store.put(bytes('a'), bytes('1'))
  store.putIfAbsent(bytes('a'), bytes('2'))
  store.putIfAbsent(bytes('b'), bytes('3'))
  store.delete(bytes('c'))
  store.restore(bytes('d'), bytes('4'), 9)
  expect(log).toEqual([
    ['a', '1', undefined],
    ['b', '3', undefined],
    ['c', null, undefined],
  ])
})

test('a timestamped value is logged without its timestamp, at its timestamp', async () => {
  const { log, logChange } = logger()
  const inner = changeLoggingKeyValueStore(keyValueStore('store'), logChange, { timestamped: true })
  const { store } = await openStore(inner)
  store.put(bytes('a'), timestampedBytes(bytes('1'), 77))
  store.put(bytes('a'), null)
  expect(log).toEqual([
    ['a', '1', 77],
    ['a', null, undefined],
  ])
})

test('LRU: an eviction is logged before the put which caused it', async () => {
  const { log, logChange } = logger()
  const { store } = await openStore(changeLoggingKeyValueStore(lruStore('store', 1), logChange))
  store.put(bytes('a'), bytes('1'))
  store.put(bytes('b'), bytes('2'))
  expect(log).toEqual([
    ['a', '1', undefined],
    ['a', null, undefined],
    ['b', '2', undefined],
  ])
})

test('windows: logs window keys, also of expired writes', async () => {
  const { log, logChange } = logger()
  const inner = segmentedWindowStore({ name: 'store', retentionMs: 10, windowSizeMs: 5 })
  const { store, expiredRecords } = await openStore(changeLoggingWindowStore(inner, logChange, { timestamped: true }))
  store.put(bytes('a'), timestampedBytes(bytes('1'), 7), 600_000)
  store.put(bytes('a'), null, 5)
  expect(expiredRecords()).toBe(1)
  expect(log).toEqual([
    [text(windowKey(bytes('a'), 600_000, 0)), '1', 7],
    [text(windowKey(bytes('a'), 5, 0)), null, undefined],
  ])
})

test.each([segmentedWindowStore, inMemoryWindowStore])(
  'windows with duplicates: what was logged restores to the same rows, and each log record has a key of its own (%o)',
  async (factory) => {
    const options = { name: 'store', retentionMs: 100, windowSizeMs: 5, retainDuplicates: true }
    const log: [Uint8Array, Uint8Array | null][] = []
    const inner = factory(options)
    const { store } = await openStore(changeLoggingWindowStore(inner, (key, value) => log.push([key, value])))
    for (const value of ['1', null, '2', '2']) store.put(bytes('a'), value === null ? null : bytes(value), 10)
    store.put(bytes('a'), bytes('3'), 500)
    store.put(bytes('a'), bytes('expired'), 10)
    expect(new Set(log.map(([key]) => text(key))).size).toBe(6)
    const { store: restored } = await openStore(factory(options))
    for (const [key, value] of log) restored.restore(key, value, 0)
    expect([...restored.all()]).toEqual([...store.all()])
  },
)

test('sessions: logs session keys, also of removals', async () => {
  const { log, logChange } = logger()
  const inner = inMemorySessionStore({ name: 'store', retentionMs: 100 })
  const { store } = await openStore(changeLoggingSessionStore(inner, logChange))
  const session = { key: bytes('a'), start: 5, end: 9 }
  store.put(session, bytes('1'))
  store.remove(session)
  const key = text(sessionKey(bytes('a'), 5, 9))
  expect(log).toEqual([
    [key, '1', undefined],
    [key, null, undefined],
  ])
})

test('versions: logs the timestamp of the version, also of what was too old', async () => {
  const { log, logChange } = logger()
  const inner = versionedStore({ name: 'store', historyRetentionMs: 100 })
  const { store } = await openStore(changeLoggingVersionedStore(inner, logChange))
  store.put(bytes('a'), bytes('1'), 1000)
  expect(store.put(bytes('a'), bytes('0'), 10)).toBe(-1)
  store.delete(bytes('a'), 1001)
  expect(log).toEqual([
    ['a', '1', 1000],
    ['a', '0', 10],
    ['a', null, 1001],
  ])
})
