import { expect, test } from 'vitest'
import { Serdes, SerializationError } from '../src/index.ts'

function errorOf(body: () => unknown): SerializationError {
  try {
    body()
  } catch (error) {
    if (error instanceof SerializationError) return error
  }
  throw new Error('no SerializationError was thrown')
}

test('says which topic, which serde, what was found and what to do', () => {
  const error = errorOf(() => Serdes.int64().serialize('flights', 1.5))
  expect(error.message).toBe(
    "Topic 'flights': serde int64 cannot serialize 1.5, which is not a safe integer. " +
      'Give the topic the serde of the values that are written to it.',
  )
  expect(error).toMatchObject({ code: 'STREAMS_SERIALIZATION', topic: 'flights', component: undefined })
})

test('says what a function has done wrong that gave nothing, or a promise', () => {
  const late = async () => 1
  expect(() => Serdes.int64().serialize('flights', undefined as never)).toThrow('let it return a value, or null')
  for (const serde of [Serdes.json(), Serdes.int64(), Serdes.string()]) {
    expect(() => serde.serialize('flights', late() as never)).toThrow(/a promise.*use mapValuesAsync/)
  }
  expect(Serdes.json().serialize('flights', {})).toEqual(Uint8Array.of(0x7b, 0x7d))
})

test('can be told which half of the record it is about', () => {
  const error = errorOf(() => Serdes.int32().deserialize('flights', Uint8Array.of(1))).withComponent('key')
  expect(error.message).toMatch(
    /^Topic 'flights' \(the record's key\): serde int32 cannot deserialize 1 bytes, needs 4\./,
  )
  expect(error.component).toBe('key')
})

test('keeps the cause', () => {
  const error = errorOf(() => Serdes.json().deserialize('flights', Buffer.from('{')))
  expect(error.cause).toBeInstanceOf(SyntaxError)
  expect(error.withComponent('value').cause).toBe(error.cause)
})
