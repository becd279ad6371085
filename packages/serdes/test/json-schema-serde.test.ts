import { expect, test } from 'vitest'
import { serdeSuite } from '../src/conformance.ts'
import { jsonSchemaSerde } from '../src/json-schema.ts'
import { memorySchemaRegistry } from '../src/schema-registry.ts'

interface Flight {
  origin: string
  legs: { miles: number }[]
}

const schema = {
  title: 'Flight',
  type: 'object',
  properties: {
    origin: { type: 'string', minLength: 3 },
    legs: { type: 'array', items: { type: 'object', properties: { miles: { type: 'number' } }, required: ['miles'] } },
  },
  required: ['origin', 'legs'],
  additionalProperties: false,
}
const good: Flight = { origin: 'ORD', legs: [{ miles: 10 }] }

for (const registry of [undefined, memorySchemaRegistry()]) {
  serdeSuite({
    test,
    serde: jsonSchemaSerde<Flight>({ schema, ...(registry && { registry }) }),
    values: [good],
    wrongValues: [{}, { ...good, origin: 1 }, { ...good, extra: 1 }, () => 1],
    wrongBytes: [new Uint8Array(), Buffer.from('{'), Buffer.from('{}'), Uint8Array.of(0, 0, 0, 0, 99, 0x7b, 0x7d)],
  })
}

test('the error names the path of the field, on both sides', () => {
  const serde = jsonSchemaSerde<Flight>({ schema })
  const paths: readonly (readonly [unknown, RegExp])[] = [
    [{ ...good, legs: [{ miles: 'far' }] }, /Topic 't': .* legs\[0\]\.miles: must be number/],
    [{ ...good, legs: [{}] }, /legs\[0\]\.miles: is missing/],
    [{ ...good, extra: 1 }, /extra: is not allowed/],
    [3, /the value itself: must be object/],
  ]
  for (const [value, message] of paths) {
    expect(() => serde.serialize('t', value as Flight)).toThrow(message)
    expect(() => serde.deserialize('t', Buffer.from(JSON.stringify(value)))).toThrow(message)
  }
})

test('the bytes are the header with the id of the schema, then JSON', async () => {
  const registry = memorySchemaRegistry()
  const bytes = jsonSchemaSerde<Flight>({ registry, schema }).serialize('flights', good)!
  expect(Buffer.from(bytes).toString('latin1')).toBe(`\0\0\0\0\u0001${JSON.stringify(good)}`)
  expect(await registry.version('flights-value', 'latest')).toMatchObject({ schemaType: 'JSON', id: 1 })
})

test('without a schema, values are checked by the schema they were written with', () => {
  const registry = memorySchemaRegistry()
  const bytes = jsonSchemaSerde<Flight>({ registry, schema }).serialize('flights', good)!
  const reader = jsonSchemaSerde<Flight>({ registry })
  expect(reader.deserialize('flights', bytes)).toEqual(good)
  const bad = Buffer.concat([bytes.subarray(0, 5), Buffer.from('{"origin":"O","legs":[]}')])
  expect(() => reader.deserialize('flights', bad)).toThrow(/origin: /)
})

test('schemas of other drafts, and schemas that refer to others', () => {
  const tuple = { $schema: 'https://json-schema.org/draft/2020-12/schema', prefixItems: [{ type: 'number' }] }
  expect(() => jsonSchemaSerde({ schema: tuple }).serialize('t', ['x'])).toThrow(/\[0\]: must be number/)
  const registry = memorySchemaRegistry()
  registry.atOnce!.register('miles', { schemaType: 'JSON', schema: '{"type":"number"}', references: [] })
  const references = [{ name: 'miles.json', subject: 'miles', version: 1 }]
  const trip = { type: 'object', properties: { miles: { $ref: 'miles.json' } } }
  const serde = jsonSchemaSerde({ registry, schema: trip, references })
  expect(serde.deserialize('t', serde.serialize('t', { miles: 1 }))).toEqual({ miles: 1 })
  expect(() => serde.serialize('t', { miles: 'x' })).toThrow(/miles: must be number/)
})

test('a schema that is none is refused where the serde is made', () => {
  expect(() => jsonSchemaSerde({ schema: { type: 'strng' } })).toThrow()
  expect(() => jsonSchemaSerde({})).toThrow(/needs a schema/)
})
