import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { OuterJoinCodec } from '../../src/state/outer-join-codec.ts'

const codec = new OuterJoinCodec(
  { keySerde: Serdes.string(), leftValueSerde: Serdes.string(), rightValueSerde: Serdes.int32() },
  't',
)

/** The bytes were made with Java's TimestampedKeyAndJoinSide and LeftOrRightValue serializers. */
test.each([
  [{ timestamp: 1_700_000_040_000, isLeft: true, key: 'k' }, '0000018bcfe60440016b'],
  [{ timestamp: 7, isLeft: false, key: 'k' }, '0000000000000007006b'],
])('the key of a waiting record has Java’s bytes: %o', (key, hex) => {
  const bytes = codec.keyBytes(key)
  expect(Buffer.from(bytes).toString('hex')).toBe(hex)
  expect(codec.key(bytes)).toEqual(key)
})

test.each([
  [true, 'v', '0176'],
  [false, 9, '0000000009'],
] as const)('the value of a waiting record says which side it is of (left: %s)', (isLeft, value, hex) => {
  const bytes = codec.valueBytes(isLeft, value)
  expect(Buffer.from(bytes).toString('hex')).toBe(hex)
  expect(codec.value(bytes)).toBe(value)
})
