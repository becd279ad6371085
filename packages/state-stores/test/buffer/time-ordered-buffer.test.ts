import { expect, test } from 'vitest'
import { bytes, commitOf, openStore, text } from '../../src/conformance/suite.ts'
import { type TimeOrderedBuffer, timeOrderedBuffer } from '../../src/index.ts'

const context = { timestamp: 5, offset: 1, partition: 0, topic: 'in', headers: [] }
const open = () => openStore<TimeOrderedBuffer>(timeOrderedBuffer('buffer'))
const put = (buffer: TimeOrderedBuffer, time: number, key: string, value: string, old: string | null = null) =>
  buffer.put(time, bytes(key), old === null ? null : bytes(old), bytes(value), context)

function evict(buffer: TimeOrderedBuffer, predicate: () => boolean): string[] {
  const evicted: string[] = []
  buffer.evictWhile(predicate, ({ key, newValue }) => evicted.push(`${text(key)}=${text(newValue)}`))
  return evicted
}

test('evicts by time, then key, while the predicate holds', async () => {
  const { store: buffer } = await open()
  put(buffer, 20, 'a', '1')
  put(buffer, 10, 'c', '2')
  put(buffer, 10, 'b', '3')
  put(buffer, 30, 'd', '4')
  expect([buffer.numRecords, buffer.minTimestamp]).toEqual([4, 10])
  expect(evict(buffer, () => buffer.minTimestamp <= 20)).toEqual(['b=3', 'c=2', 'a=1'])
  expect([buffer.numRecords, buffer.minTimestamp]).toEqual([1, 30])
  expect(evict(buffer, () => buffer.numRecords > 1)).toEqual([])
  expect(evict(buffer, () => true)).toEqual(['d=4'])
  expect([buffer.numRecords, buffer.bufferSize, buffer.minTimestamp]).toEqual([0, 0, Number.POSITIVE_INFINITY])
})

test('a key keeps its place and its prior value until it leaves', async () => {
  const { store: buffer } = await open()
  put(buffer, 10, 'a', '1', 'before')
  put(buffer, 20, 'b', '1')
  put(buffer, 30, 'a', '22', '1')
  expect(text(buffer.priorValueForBuffered(bytes('a')) ?? null)).toBe('before')
  expect(buffer.priorValueForBuffered(bytes('b'))).toBeNull()
  expect(buffer.priorValueForBuffered(bytes('c'))).toBeUndefined()
  // 8 + key + prior + old + new + 20 + topic, as Java reckons.
  expect(buffer.bufferSize).toBe(8 + 1 + 6 + 1 + 2 + 22 + (8 + 1 + 1 + 22))
  expect(evict(buffer, () => true)).toEqual(['a=22', 'b=1'])
})

test('logs the keys changed since the last flush, and is restored from them', async () => {
  const { store: buffer } = await open()
  put(buffer, 10, 'a', '1', 'x')
  put(buffer, 20, 'b', '1')
  put(buffer, 20, 'b', '2', '1')
  const log: [Uint8Array, Uint8Array | null][] = []
  buffer.flush((key, value) => log.push([key, value]))
  expect(log.map(([key]) => text(key))).toEqual(['a', 'b'])
  evict(buffer, () => buffer.minTimestamp <= 10)
  buffer.flush((key, value) => log.push([key, value]))
  expect(log.slice(2).map(([key, value]) => [text(key), value])).toEqual([['a', null]])
  buffer.flush(() => expect.fail('nothing has changed'))

  const { store: restored } = await open()
  for (const [key, value] of log) restored.restore(key, value, 0)
  expect([restored.numRecords, restored.bufferSize, restored.minTimestamp]).toEqual([1, buffer.bufferSize, 20])
  restored.evictWhile(
    () => true,
    (eviction) => expect(eviction).toMatchObject({ context: { timestamp: 5, topic: 'in', partition: 0 } }),
  )
})

test('a discard takes back what was buffered and evicted', async () => {
  const { store: buffer, engine } = await open()
  put(buffer, 10, 'a', '1')
  await engine.commit(commitOf(1))
  const before = [buffer.numRecords, buffer.bufferSize, buffer.minTimestamp]
  put(buffer, 5, 'b', '1')
  evict(buffer, () => true)
  engine.discard()
  expect([buffer.numRecords, buffer.bufferSize, buffer.minTimestamp]).toEqual(before)
  buffer.flush(() => expect.fail('what was discarded is not logged'))
})
