// Bytes printed by Kafka Streams 4.3.1's own classes.
import { expect, test } from 'vitest'
import { bytes } from '../../src/conformance/suite.ts'
import {
  sessionEnd,
  sessionKey,
  sessionKeyBytes,
  sessionLowerRange,
  sessionStart,
  sessionUpperRange,
} from '../../src/key-schema/session.ts'
import { timeFirstSessionKey, timeFirstWindowKey } from '../../src/key-schema/time-first.ts'
import {
  windowKey,
  windowKeyBytes,
  windowLowerRange,
  windowSeqnum,
  windowStart,
  windowUpperRange,
} from '../../src/key-schema/window.ts'

const hex = (value: Uint8Array | null) => (value === null ? null : Buffer.from(value).toString('hex'))
const time = 1234567890123

test('window keys', () => {
  const key = windowKey(bytes('key'), time, 7)
  expect(hex(key)).toBe('6b65790000011f71fb04cb00000007')
  expect([hex(windowKeyBytes(key)), windowStart(key), windowSeqnum(key)]).toEqual(['6b6579', time, 7])
})

test('session keys', () => {
  const key = sessionKey(bytes('key'), 1000, time)
  expect(hex(key)).toBe('6b65790000011f71fb04cb00000000000003e8')
  expect([hex(sessionKeyBytes(key)), sessionStart(key), sessionEnd(key)]).toEqual(['6b6579', 1000, time])
})

test('time-first keys, behind their prefix byte', () => {
  expect(`00${hex(timeFirstWindowKey(bytes('key'), time, 7))}`).toBe('000000011f71fb04cb6b657900000007')
  expect(`00${hex(timeFirstSessionKey(bytes('key'), 1000, time))}`).toBe('000000011f71fb04cb00000000000003e86b6579')
})

test.each([
  ['61', 100, '6100000000000000647fffffff', '617fffffffffffffff0000000000000064'],
  ['61', Number.POSITIVE_INFINITY, '617fffffffffffffff7fffffff', '617fffffffffffffff7fffffffffffffff'],
  ['00', 0, '0000000000000000007fffffff', '007fffffffffffffff0000000000000000'],
  ['ff0102', 100, 'ff010200000000000000647fffffff', 'ff7fffffffffffffff0000000000000064'],
  ['ff0102', Number.POSITIVE_INFINITY, 'ff7fffffffffffffff7fffffff', 'ff7fffffffffffffff7fffffffffffffff'],
  ['807f05', Number.POSITIVE_INFINITY, '807f7fffffffffffffff7fffffff', '807f7fffffffffffffff7fffffffffffffff'],
  ['', 100, '00000000000000647fffffff', '7fffffffffffffff0000000000000064'],
])('upper bounds of key %s up to %d', (key, to, window, session) => {
  expect(hex(windowUpperRange(Buffer.from(key, 'hex'), to))).toBe(window)
  expect(hex(sessionUpperRange(Buffer.from(key, 'hex'), to))).toBe(session)
})

test('lower bounds', () => {
  expect(hex(windowLowerRange(bytes('key')))).toBe('6b6579000000000000000000000000')
  expect(hex(sessionLowerRange(bytes('key')))).toBe('6b657900000000000000000000000000000000')
  expect([
    windowLowerRange(null),
    windowUpperRange(null, 1),
    sessionLowerRange(null),
    sessionUpperRange(null, 1),
  ]).toEqual([null, null, null, null])
})
