import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { UNLIMITED_END } from '../../src/windows/unlimited-windows.ts'
import { WindowedSerdes } from '../../src/windows/windowed-serde.ts'

test('a key in a time window has Java’s bytes; its end comes from the window size', () => {
  const serde = WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), 10)
  const key = { key: 'k', window: { start: 1_700_000_040_000, end: 1_700_000_040_010 } }
  const bytes = serde.serialize('t', key)
  expect(Buffer.from(bytes!).toString('hex')).toBe('6b0000018bcfe60440')
  expect(serde.deserialize('t', bytes)).toEqual(key)
})

test('a session has Java’s bytes: end before start', () => {
  const serde = WindowedSerdes.sessionWindowedSerdeFrom(Serdes.string())
  const key = { key: 'k', window: { start: 1_700_000_040_000, end: 1_700_000_050_000 } }
  const bytes = serde.serialize('t', key)
  expect(Buffer.from(bytes!).toString('hex')).toBe('6b0000018bcfe62b500000018bcfe60440')
  expect(serde.deserialize('t', bytes)).toEqual(key)
})

test('an unlimited window ends at the greatest safe integer wherever it starts', () => {
  const serde = WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), UNLIMITED_END)
  const bytes = serde.serialize('t', { key: 'k', window: { start: 5, end: UNLIMITED_END } })
  expect(serde.deserialize('t', bytes)).toEqual({ key: 'k', window: { start: 5, end: UNLIMITED_END } })
})

test('null is null on both sides', () => {
  for (const serde of [
    WindowedSerdes.timeWindowedSerdeFrom(Serdes.string(), 10),
    WindowedSerdes.sessionWindowedSerdeFrom(Serdes.string()),
  ]) {
    expect(serde.serialize('t', null)).toBeNull()
    expect(serde.deserialize('t', null)).toBeNull()
  }
})
