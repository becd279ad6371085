import * as v from 'valibot'
import { expect, test } from 'vitest'
import { z } from 'zod'
import { serdeSuite } from '../src/conformance.ts'
import { standardSchemaSerde } from '../src/standard-schema-serde.ts'

const good = { origin: 'ORD', legs: [{ miles: 10 }] }
const bad = { ...good, legs: [{ miles: 'far' }] }

const schemas = [
  v.object({ origin: v.pipe(v.string(), v.length(3)), legs: v.array(v.object({ miles: v.number() })) }),
  z.object({ origin: z.string().length(3), legs: z.array(z.object({ miles: z.number() })) }),
]

for (const schema of schemas) {
  const serde = standardSchemaSerde(schema)
  const { vendor } = schema['~standard']

  serdeSuite({
    test,
    serde,
    values: [good],
    wrongValues: [{}, { ...good, origin: 1 }],
    wrongBytes: [Buffer.from('{'), Buffer.from('{}'), Buffer.from('null')],
  })

  test(`${vendor}: the error names the path of the field, on both sides`, () => {
    expect(() => serde.serialize('flights', bad as never)).toThrow(/Topic 'flights': .* legs\[0\]\.miles: /)
    expect(() => serde.deserialize('flights', Buffer.from(JSON.stringify(bad)))).toThrow(/legs\[0\]\.miles: /)
  })
}

test('what is read is what the schema makes of it', () => {
  const serde = standardSchemaSerde(v.object({ at: v.pipe(v.string(), v.toNumber()) }))
  const value: { at: number } | null = serde.deserialize('t', Buffer.from('{"at":"17"}'))
  expect(value).toEqual({ at: 17 })
})

test('a schema that validates asynchronously is refused', () => {
  const serde = standardSchemaSerde(
    v.pipeAsync(
      v.string(),
      v.checkAsync(async () => false),
    ),
  )
  expect(() => serde.serialize('t', 'x')).toThrow(/validates asynchronously/)
})
