import { expect, test } from 'vitest'
import { bufferValueBytes, decodeBufferValue, encodeBufferValue } from '../../src/buffer/buffer-value.ts'

const context = {
  timestamp: 123,
  offset: 45,
  partition: 6,
  topic: 'töpic',
  headers: [
    { key: 'h1', value: Buffer.from('v') },
    { key: 'ü', value: null },
  ],
}
const head =
  '000000000000007b000000000000002d0000000674c3b67069630000000600000002000000026831000000017600000002c3bcffffffff'

// Bytes and sizes printed by Kafka Streams 4.3.1.
test.each([
  [null, null, [1], 'ffffffffffffffff0000000101', 30],
  [[1, 2], [1, 2], [3], '000000020102fffffffe0000000103', 32],
  [[1, 2], [4], null, '0000000201020000000104ffffffff', 32],
  [null, [4], [5], 'ffffffff00000001040000000105', 31],
  [[1], null, [2], '0000000101ffffffff0000000102', 31],
])('prior %j, old %j, new %j', (prior, old, next, tail, size) => {
  const bytesOf = (list: number[] | null) => (list === null ? null : Uint8Array.from(list))
  const value = { priorValue: bytesOf(prior), oldValue: bytesOf(old), newValue: bytesOf(next), context }
  const encoded = encodeBufferValue(value, 8)
  expect(Buffer.from(encoded).toString('hex')).toBe(`${head}${tail}0000000000000000`)
  expect(bufferValueBytes(value)).toBe(size)
  const decoded = decodeBufferValue(encoded)
  expect(encodeBufferValue(decoded, 8)).toEqual(encoded)
  expect(decoded.context.topic).toBe('töpic')
})
