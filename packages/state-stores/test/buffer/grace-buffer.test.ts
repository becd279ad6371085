import { expect, test } from 'vitest'
import { bytes, openStore, text } from '../../src/conformance/suite.ts'
import { type GraceBuffer, graceBuffer } from '../../src/index.ts'

const context = { timestamp: 5, offset: 1, partition: 0, topic: 'in', headers: [] }

function evict(buffer: GraceBuffer): string[] {
  const evicted: string[] = []
  buffer.evictWhile(
    () => true,
    ({ key, value }) => evicted.push(`${text(key)}=${text(value)}`),
  )
  return evicted
}

test('holds records until stream time passes them by the grace, in the order of time, key and coming', async () => {
  const { store: buffer } = await openStore<GraceBuffer>(graceBuffer('buffer', 10))
  for (const [key, value, time] of [
    ['b', '1', 100],
    ['a', '2', 101],
    ['a', '3', 100],
    ['a', '4', 100],
  ] as const) {
    expect(buffer.put(bytes(key), bytes(value), time, context)).toBe(true)
  }
  expect(evict(buffer)).toEqual([])
  buffer.put(bytes('c'), bytes('5'), 110, context)
  expect(evict(buffer)).toEqual(['a=3', 'a=4', 'b=1'])
  expect(buffer.put(bytes('c'), bytes('late'), 99, context)).toBe(false)
  expect(buffer.put(bytes('c'), bytes('6'), 100, context)).toBe(true)
  expect(evict(buffer)).toEqual(['c=6'])
  expect(buffer.numRecords).toBe(2)
})

test('logs puts and evictions, and is restored from them', async () => {
  const log: [Uint8Array, Uint8Array | null][] = []
  const logged = graceBuffer('buffer', 10, (key, value) => log.push([key, value]))
  const { store: buffer } = await openStore<GraceBuffer>(logged)
  buffer.put(bytes('a'), bytes('1'), 100, context)
  buffer.put(bytes('b'), bytes('2'), 200, context)
  buffer.put(bytes('b'), bytes('3'), 200, context)
  evict(buffer)
  expect(log.map(([, value]) => value === null)).toEqual([false, false, false, true])
  const { store: restored } = await openStore<GraceBuffer>(graceBuffer('buffer', 10))
  for (const [key, value] of log) restored.restore(key, value, 0)
  expect([restored.numRecords, restored.bufferSize]).toEqual([2, buffer.bufferSize])
  restored.put(bytes('b'), bytes('4'), 200, context)
  restored.put(bytes('z'), bytes('5'), 210, context)
  expect(evict(restored)).toEqual(['b=2', 'b=3', 'b=4'])
})
