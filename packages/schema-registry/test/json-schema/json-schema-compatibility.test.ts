import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parseSchema } from '../../src/schema-language.ts'

const object = (properties: object, more: object = {}) => ({ type: 'object', properties, ...more })
const closed = { additionalProperties: false }
const [text, number, integer] = [{ type: 'string' }, { type: 'number' }, { type: 'integer' }]
const list = { type: 'object', properties: { next: { $ref: '#' } } }

/** With a value that shows the difference: the writer's schema accepts it, the reader's does not. */
const pairs: readonly (readonly [
  name: string,
  reader: object | boolean,
  writer: object | boolean,
  difference?: RegExp,
  value?: unknown,
])[] = [
  ['the same', object({ a: text }), object({ a: text })],
  ['anything read', true, text],
  ['anything written', text, {}, /type null, boolean.* is not accepted/, null],
  ['nothing read', false, text, /nothing/, 'x'],
  ['an integer read as a number', number, integer],
  ['a number read as an integer', integer, number, /type number/, 1.5],
  ['one type more', { type: ['string', 'null'] }, text],
  ['one type less', text, { type: ['string', 'null'] }, /type null/, null],
  [
    'a property of another type',
    object({ a: number }),
    object({ a: text }),
    /#\/properties\/a: type string/,
    { a: 'x' },
  ],
  ['a property required now', object({ a: text }, { required: ['a'] }), object({ a: text }), /'a' is required/, {}],
  ['no longer required', object({ a: text }), object({ a: text }, { required: ['a'] })],
  ['a new property, others were not allowed', object({ a: text, b: text }, closed), object({ a: text }, closed)],
  ['a new property, others were allowed', object({ a: text }), object({}), /#\/properties\/a: is new/, { a: 1 }],
  ['a new property that takes anything', object({ a: true }), object({})],
  ['a property gone, others are allowed', object({}), object({ a: text })],
  ['a property gone, others are not', object({}, closed), object({ a: text }, closed), /not accepted/, { a: 'x' }],
  ['a property by the name of one that all objects have', object({ constructor: text }, closed), object({}, closed)],
  ['others not allowed any more', object({}, closed), object({}), /fewer properties/, { x: 1 }],
  [
    'others of a type',
    object({}, { additionalProperties: number }),
    object({ a: text }, closed),
    /a: type/,
    { a: 'x' },
  ],
  ['more values', { enum: ['a', 'b'] }, { enum: ['a'] }],
  ['fewer values', { enum: ['a'] }, { enum: ['a', 'b'] }, /"b" is not accepted/, 'b'],
  ['values only', { enum: ['a'] }, text, /limited to "a"/, 'b'],
  ['values no longer', text, { enum: ['a'] }],
  ['a constant', { enum: ['a', 1] }, { const: 1 }],
  ['a greater minimum', { ...number, minimum: 2 }, { ...number, minimum: 1 }, /minimum/, 1],
  ['a smaller minimum', { ...number, minimum: 1 }, { ...number, minimum: 2 }],
  ['an open end', { ...number, exclusiveMaximum: 2 }, { ...number, maximum: 2 }, /maximum/, 2],
  ['a multiple', { ...number, multipleOf: 3 }, { ...number, multipleOf: 2 }, /multipleOf/, 2],
  ['a divisor', { ...number, multipleOf: 3 }, { ...number, multipleOf: 6 }],
  ['longer texts', { ...text, maxLength: 3 }, { ...text, maxLength: 2 }],
  ['shorter texts', { ...text, maxLength: 2 }, text, /maxLength/, 'xxx'],
  ['texts that are not empty', { ...text, minLength: 1 }, text, /minLength/, ''],
  ['a pattern', { ...text, pattern: '^a' }, text, /pattern/, 'b'],
  ['items', { type: 'array', items: number }, { type: 'array', items: integer }],
  ['items of another type', { type: 'array', items: text }, { type: 'array', items: number }, /#\/items/, [1]],
  ['items in places', { type: 'array', items: [text, number] }, { type: 'array', items: text }, /items\/1/, ['x', 'x']],
  ['fewer items', { type: 'array', maxItems: 1 }, { type: 'array' }, /maxItems/, [1, 2]],
  ['items that differ', { type: 'array', uniqueItems: true }, { type: 'array' }, /uniqueItems/, [1, 1]],
  ['one of several', { oneOf: [text, number] }, text],
  ['none of several', { anyOf: [text, { type: 'null' }] }, number, /none of the alternatives/, 1],
  ['several read as one', text, { oneOf: [text, number] }, /type number/, 1],
  ['all of several', { allOf: [number, { minimum: 1 }] }, { ...number, minimum: 2 }],
  ['not all of several', { allOf: [number, { minimum: 3 }] }, { ...number, minimum: 2 }, /minimum/, 2],
  ['what all of several allow', number, { allOf: [{ minimum: 1 }, integer] }],
  ['a schema that contains itself', list, list],
  ['a schema that contains itself, and has changed', { ...list, required: ['v'] }, list, /'v' is required/, {}],
  [
    'definitions',
    object({ a: { $ref: '#/definitions/n' } }, { definitions: { n: number } }),
    object({ a: { $ref: '#/$defs/i' } }, { $defs: { i: text } }),
    /#\/properties\/a: type string/,
    { a: 'x' },
  ],
]

test.each(pairs.map((pair) => [pair[0], pair] as const))('%s', (_name, [, reader, writer, difference]) => {
  const found = json(reader).differences(json(writer))
  if (difference === undefined) expect(found).toEqual([])
  else expect(found[0]).toMatch(difference)
})

test('each difference is one: a value that was accepted and is not any more', () => {
  const ajv = new Ajv({ strict: false })
  const accepts = (schema: object | boolean, value: unknown) => ajv.validate(schema, value)
  for (const [name, reader, writer, difference, value] of pairs) {
    if (difference !== undefined) {
      expect([name, accepts(writer, value), accepts(reader, value)]).toEqual([name, true, false])
    }
  }
})

test('a required property with a default fits, as in Confluent’s registry', () => {
  const reader = object({ a: { type: 'string', default: '' } }, { required: ['a'], ...closed })
  expect(json(reader).differences(json(object({}, closed)))).toEqual([])
})

test('schemas that refer to others are compared with what these say', () => {
  const reader = { properties: { a: { $ref: 'other.json#/definitions/x' } } }
  const other = (type: string) => ({ name: 'other.json', schema: JSON.stringify({ definitions: { x: { type } } }) })
  const parse = (type: string) => parseSchema('JSON', JSON.stringify(reader), [other(type)])
  expect(parse('number').differences(parse('integer'))).toEqual([])
  expect(parse('integer').differences(parse('number'))).toHaveLength(1)
})

test('schemas with many ways to themselves are compared once', () => {
  const properties = Object.fromEntries(Array.from({ length: 30 }, (_, i) => [`p${i}`, { $ref: '#' }]))
  expect(json({ properties }).differences(json({ properties: { ...properties } }))).toEqual([])
})

test('schemas that are none are refused', () => {
  for (const schema of [
    7,
    'x',
    { type: 'strng' },
    { properties: [] },
    { required: 'a' },
    { enum: {} },
    { anyOf: {} },
    { items: 7 },
    { $ref: 1 },
    { properties: { a: { not: 1 } } },
  ]) {
    expect(() => json(schema as object)).toThrow(expect.objectContaining({ code: 'REGISTRY_INVALID_SCHEMA' }))
  }
})

function json(schema: object | boolean) {
  return parseSchema('JSON', JSON.stringify(schema), [])
}
