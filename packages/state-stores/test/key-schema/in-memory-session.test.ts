import { expect, test } from 'vitest'
import { bytes, text } from '../../src/conformance/suite.ts'
import { endKey, endKeyBytes, endKeyEnd, endKeyStart } from '../../src/key-schema/in-memory-session.ts'

test('orders by end, then key, then start, latest first; zero bytes in keys do not disturb', () => {
  const sessions = [
    ['z', 9, 10],
    ['', 5, 11],
    ['a', 7, 11],
    ['a', 0, 11],
    ['a\0', 5, 11],
    ['a\0\0', 5, 11],
    ['a\x01', 5, 11],
    ['b', 5, 11],
    ['a', 0, 12],
  ] as const
  const keys = sessions.map(([key, start, end]) => endKey(bytes(key), start, end))
  expect([...keys].sort(Buffer.compare)).toEqual(keys)
  expect(keys.map((key) => [text(endKeyBytes(key)), endKeyStart(key), endKeyEnd(key)])).toEqual(sessions)
})
