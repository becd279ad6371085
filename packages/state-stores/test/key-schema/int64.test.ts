import { expect, test } from 'vitest'
import { readInt64, readOrderedInt64, writeInt64, writeOrderedInt64 } from '../../src/key-schema/int64.ts'

const numbers = [
  Number.NEGATIVE_INFINITY,
  -(2 ** 53) + 1,
  -(2 ** 32) - 1,
  -(2 ** 32),
  -(2 ** 31),
  -1,
  0,
  1,
  2 ** 31,
  2 ** 32 - 1,
  2 ** 32,
  2 ** 53 - 1,
  Number.POSITIVE_INFINITY,
]

test('writes what DataView writes, and reads it back', () => {
  const bytes = new Uint8Array(9)
  for (const number of numbers.slice(1, -1)) {
    writeInt64(bytes, 1, number)
    expect(new DataView(bytes.buffer).getBigInt64(1)).toBe(BigInt(number))
    expect(readInt64(bytes, 1)).toBe(number)
    writeOrderedInt64(bytes, 1, number)
    expect(readOrderedInt64(bytes, 1)).toBe(number)
  }
})

test('numbers beyond the safe integers are the ends of a long, and stay so', () => {
  const bytes = new Uint8Array(8)
  writeInt64(bytes, 0, Number.POSITIVE_INFINITY)
  expect(Buffer.from(bytes).toString('hex')).toBe('7fffffffffffffff')
  writeInt64(bytes, 0, readInt64(bytes, 0))
  expect(Buffer.from(bytes).toString('hex')).toBe('7fffffffffffffff')
  writeInt64(bytes, 0, Number.NEGATIVE_INFINITY)
  expect(Buffer.from(bytes).toString('hex')).toBe('8000000000000000')
})

test('ordered bytes are in the order of the numbers', () => {
  const written = numbers.map((number) => {
    const bytes = Buffer.alloc(8)
    writeOrderedInt64(bytes, 0, number)
    return bytes
  })
  expect([...written].sort(Buffer.compare)).toEqual(written)
})
