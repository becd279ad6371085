import { expect, expectTypeOf, test } from 'vitest'
import { InvalidTopicError, Serdes, type SerdeValue, type TopicDeclaration, topic } from '../src/index.ts'

test('a topic carries the types of its serdes', () => {
  const flights = topic('flights', { key: Serdes.string(), value: Serdes.json<{ delay: number }>() })
  expect(flights.name).toBe('flights')
  expectTypeOf(flights).toEqualTypeOf<TopicDeclaration<string, { delay: number }>>()
  expectTypeOf<SerdeValue<typeof flights.valueSerde>>().toEqualTypeOf<{ delay: number }>()
  expectTypeOf(Serdes.nullable(Serdes.int64()).deserialize('t', null)).toEqualTypeOf<number | null>()
})

test.each(['', '.', '..', 'a b', 'ä', 'x'.repeat(250)])('refuses the name %j', (name) => {
  expect(() => topic(name, { key: Serdes.void(), value: Serdes.void() })).toThrow(InvalidTopicError)
})
