import { expect, test } from 'vitest'
import { firstDifference } from '../../src/conformance/compare.ts'

const record = { key: 'a', value: 1, timestamp: 5, at: 0 }

test('what is the same has no difference; absent means empty', () => {
  const expected = { describe: 'T', outputs: { out: [record] }, droppedRecords: 0 }
  expect(firstDifference(expected, { ...expected, stores: {}, internalTopics: {} })).toBeUndefined()
})

test('names the first record that differs, is missing or is too many', () => {
  const expected = { outputs: { out: [record] } }
  expect(firstDifference(expected, { outputs: { out: [{ ...record, timestamp: 6 }] } })).toContain('outputs out[0]')
  expect(firstDifference(expected, {})).toContain('got nothing')
  expect(firstDifference(expected, { outputs: { out: [record, record] } })).toContain(
    'outputs out[1]: expected nothing',
  )
})

test('compares the presence and the place of an error, not its text', () => {
  expect(firstDifference({ error: { at: 1, message: 'a' } }, { error: { at: 1, message: 'b' } })).toBeUndefined()
  expect(firstDifference({ error: { at: 1 } }, { error: { at: 'build', message: 'b' } })).toBe(
    'error: expected one at 1 (no message), got one at build (b)',
  )
})

test('points at the line of the description that differs', () => {
  expect(firstDifference({ describe: 'a\nb' }, { describe: 'a\nc' })).toBe('describe line 2: expected "b", got "c"')
})
