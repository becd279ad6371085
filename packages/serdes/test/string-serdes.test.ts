import { expect, test } from 'vitest'
import { Serdes } from '../src/index.ts'

test('half of a surrogate pair is written as a question mark, as in Java', () => {
  expect(Buffer.from(Serdes.string().serialize('t', 'a\ud800é')!).toString()).toBe('a?é')
  expect(Buffer.from(Serdes.string().serialize('t', '\udc00')!).toString()).toBe('?')
  expect(Buffer.from(Serdes.string().serialize('t', '😀\udc00')!).toString()).toBe('😀?')
})

test('malformed UTF-8 is read with replacement characters, as in Java', () => {
  expect(Serdes.string().deserialize('t', Uint8Array.of(0xff, 0x41))).toBe('\ufffdA')
})

test('a UUID is lower case on both sides', () => {
  const upper = '00112233-4455-6677-8899-AABBCCDDEEFF'
  expect(Buffer.from(Serdes.uuid().serialize('t', upper)!).toString()).toBe(upper.toLowerCase())
  expect(Serdes.uuid().deserialize('t', Buffer.from(upper))).toBe(upper.toLowerCase())
})
