import { expect, test } from 'vitest'
import { z } from 'zod'
import { serdeSuite } from '../src/conformance.ts'
import { zodSerde } from '../src/zod-serde.ts'

const flight = z.object({
  origin: z.string().length(3),
  delay: z.number(),
  legs: z.array(z.object({ miles: z.int() })),
})
const good = { origin: 'ORD', delay: -3, legs: [{ miles: 10 }] }

serdeSuite({
  test,
  serde: zodSerde(flight),
  values: [good],
  wrongValues: [{}, { ...good, origin: 1 }],
  wrongBytes: [Buffer.from('{'), Buffer.from('{}'), Buffer.from('null')],
})

test('the error names the path of the field, on both sides', () => {
  const bad = { ...good, legs: [{ miles: 1.5 }] }
  expect(() => zodSerde(flight).serialize('flights', bad)).toThrow(/Topic 'flights': .* legs\[0\]\.miles: /)
  expect(() => zodSerde(flight).deserialize('flights', Buffer.from(JSON.stringify(bad)))).toThrow(/legs\[0\]\.miles: /)
  expect(() => zodSerde(flight).deserialize('flights', Buffer.from('3'))).toThrow(/the value itself: /)
})

test('unknown fields are dropped on reading, as the schema says', () => {
  const bytes = Buffer.from(JSON.stringify({ ...good, extra: 1 }))
  expect(zodSerde(flight).deserialize('flights', bytes)).toEqual(good)
})
