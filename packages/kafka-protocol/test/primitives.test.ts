import { expect, test } from 'vitest'
import { ProtocolReader, ProtocolWriter } from '../src/primitives.ts'

function written(write: (writer: ProtocolWriter) => void): string {
  const writer = new ProtocolWriter(1)
  write(writer)
  return Buffer.from(writer.finishWhole()).toString('hex')
}

const reader = (hex: string) => new ProtocolReader(Buffer.from(hex, 'hex'))

test('fixed-width numbers are big-endian', () => {
  expect(written((w) => w.int16(-2))).toBe('fffe')
  expect(written((w) => w.uint16(65535))).toBe('ffff')
  expect(written((w) => w.int32(-2))).toBe('fffffffe')
  expect(written((w) => w.int64(-2))).toBe('fffffffffffffffe')
  expect(written((w) => w.int64(Number.MAX_SAFE_INTEGER))).toBe('001fffffffffffff')
  expect(written((w) => w.bigint64(-1n))).toBe('ffffffffffffffff')
  expect(reader('ffe0000000000001').int64()).toBe(Number.MIN_SAFE_INTEGER)
  expect(reader('fffffffffffffffe').int64()).toBe(-2)
})

test('an int64 beyond the safe integers is refused both ways', () => {
  expect(() => reader('0020000000000000').int64()).toThrow('beyond 2^53')
  expect(() => reader('7fffffffffffffff').int64()).toThrow('beyond 2^53')
  expect(() => written((w) => w.int64(2 ** 53))).toThrow('not a safe integer')
  expect(() => written((w) => w.int64(1.5))).toThrow('not a safe integer')
})

test.each([
  [0, '00'],
  [127, '7f'],
  [128, '8001'],
  [16_383, 'ff7f'],
  [16_384, '808001'],
  [2_097_152, '80808001'],
  [268_435_456, '8080808001'],
  [0xffff_ffff, 'ffffffff0f'],
])('uvarint %d is %s', (value, hex) => {
  expect(written((w) => w.uvarint(value))).toBe(hex)
  expect(reader(hex).uvarint()).toBe(value)
})

test('an overlong uvarint is refused', () => {
  expect(() => reader('ffffffff1f').uvarint()).toThrow('longer than 32 bits')
  expect(() => reader('808080808000').uvarint()).toThrow('longer than 32 bits')
})

test('strings and bytes: null, empty, compact or not', () => {
  expect(written((w) => w.string(null, false))).toBe('ffff')
  expect(written((w) => w.string('', false))).toBe('0000')
  expect(written((w) => w.string('é', false))).toBe('0002c3a9')
  expect(written((w) => w.string(null, true))).toBe('00')
  expect(written((w) => w.string('', true))).toBe('01')
  expect(written((w) => w.string('é', true))).toBe('03c3a9')
  expect(written((w) => w.bytes(null, false))).toBe('ffffffff')
  expect(written((w) => w.bytes(Uint8Array.of(7), true))).toBe('0207')
  expect(reader('0002c3a9').string(false)).toBe('é')
  expect(reader('00').string(true)).toBeNull()
  expect(() => written((w) => w.string('x'.repeat(32_768), false))).toThrow('32767')
})

test('uuids are Kafka’s text form', () => {
  const text = 'pXeX0gNrSoWvBxqZDG-Lcg'
  const hex = written((w) => w.uuid(text))
  expect(hex).toHaveLength(32)
  expect(reader(hex).uuid()).toBe(text)
  expect(() => written((w) => w.uuid('short'))).toThrow('not a uuid')
})

test('long bytes are passed through, in order', () => {
  const long = new Uint8Array(10_000).fill(5)
  const writer = new ProtocolWriter(4)
  writer.int32(1)
  writer.raw(long)
  writer.int32(2)
  expect(writer.size).toBe(10_008)
  const chunks = writer.finish()
  expect(chunks).toHaveLength(3)
  expect(chunks[1]).toBe(long)
  expect(chunks[2]).toEqual(Buffer.from([0, 0, 0, 2]))
})

test('lengths are checked against the bytes that are left before anything is allocated', () => {
  expect(() => reader('7fffffff00').bytes(false)).toThrow('ends early')
  expect(() => reader('7fff00').string(false)).toThrow('ends early')
  expect(() => reader('7fffffff00').count(false, 1)).toThrow('only 1 bytes')
  expect(() => reader('fffffffe').bytes(false)).toThrow('negative length')
  expect(() => new ProtocolReader(Buffer.alloc(20, 1), { maxElements: 3 }).count(true, 0)).not.toThrow()
  expect(() => new ProtocolReader(Buffer.alloc(20, 9), { maxElements: 3 }).count(true, 0)).toThrow(
    'more array elements',
  )
})
