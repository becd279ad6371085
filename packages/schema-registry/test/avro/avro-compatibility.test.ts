import avsc from 'avsc'
import { expect, test } from 'vitest'
import { parseSchema } from '../../src/schema-language.ts'

const record = (...fields: unknown[]) => ({ type: 'record', name: 'n.R', fields })
const list = { type: 'record', name: 'L', fields: [{ name: 'next', type: ['null', 'L'] }] }
const int = { name: 'a', type: 'int' }
const abc = { type: 'enum', name: 'E', symbols: ['A', 'B', 'C'] }

const pairs: readonly (readonly [name: string, reader: unknown, writer: unknown, difference: RegExp | undefined])[] = [
  ['the same', record(int), record(int), undefined],
  ['an int read as a long', 'long', 'int', undefined],
  ['an int read as a double', 'double', 'int', undefined],
  ['a long read as an int', 'int', 'long', /TYPE_MISMATCH at '\/': long cannot be read as int/],
  ['bytes read as a string', 'string', 'bytes', undefined],
  ['a field that is gone', record(), record(int), undefined],
  ['a new field with a default', record(int, { name: 'b', type: 'int', default: 1 }), record(int), undefined],
  [
    'a new field without',
    record(int, { name: 'b', type: 'int' }),
    record(int),
    /READER_FIELD_MISSING.*\/fields\/1.*'b'/,
  ],
  ['a field with an alias', record({ name: 'b', aliases: ['a'], type: 'int' }), record(int), undefined],
  ['a field of another type', record({ name: 'a', type: 'string' }), record(int), /'\/fields\/0\/type'/],
  ['another name', { ...record(int), name: 'S' }, record(int), /NAME_MISMATCH/],
  ['another name with an alias', { ...record(int), name: 'n.S', aliases: ['R'] }, record(int), undefined],
  ['another namespace', { ...record(int), name: 'm.R' }, record(int), undefined],
  ['a symbol that is gone', { ...abc, symbols: ['A', 'B'] }, abc, /MISSING_ENUM_SYMBOLS.*lacks C/],
  ['a symbol that is gone, with a default', { ...abc, symbols: ['A'], default: 'A' }, abc, undefined],
  ['a new symbol', { ...abc, symbols: ['A', 'B', 'C', 'D'] }, abc, undefined],
  ['fixed of another size', { type: 'fixed', name: 'F', size: 2 }, { type: 'fixed', name: 'F', size: 3 }, /FIXED_SIZE/],
  ['a value read as a union', ['null', 'int'], 'int', undefined],
  ['a value that the union lacks', ['null', 'string'], 'int', /MISSING_UNION_BRANCH/],
  ['a union read as a value', 'long', ['int', 'long'], undefined],
  ['a union read as one of its values', 'int', ['null', 'int'], /null cannot be read as int/],
  ['a wider union', ['null', 'int', 'string'], ['int', 'null'], undefined],
  ['a narrower union', ['null', 'int'], ['null', 'int', 'string'], /string is not in the union/],
  ['arrays', { type: 'array', items: 'long' }, { type: 'array', items: 'int' }, undefined],
  ['arrays of others', { type: 'array', items: 'int' }, { type: 'array', items: 'string' }, /'\/items'/],
  ['maps of others', { type: 'map', values: 'int' }, { type: 'map', values: 'string' }, /'\/values'/],
  ['a map read as an array', { type: 'array', items: 'int' }, { type: 'map', values: 'int' }, /TYPE_MISMATCH/],
  ['a record that contains itself', list, list, undefined],
  [
    'a record that contains itself, and has changed',
    { ...list, fields: [...list.fields, { name: 'v', type: 'int' }] },
    list,
    /field 'v'/,
  ],
]

test.each(pairs)('%s', (_name, reader, writer, difference) => {
  const [read, written] = [avro(reader), avro(writer)]
  const found = read.differences(written)
  if (difference === undefined) expect(found).toEqual([])
  else expect(found[0]).toMatch(difference)
})

test('agrees with avsc, but for namespaces, which only avsc minds', () => {
  for (const [name, reader, writer, difference] of pairs) {
    if (name === 'another namespace') continue
    const resolve = () => typeOf(reader).createResolver(typeOf(writer))
    if (difference === undefined) expect(resolve, name).not.toThrow()
    else expect(resolve, name).toThrow()
  }
})

test('schemas that are none are refused', () => {
  for (const schema of [
    7,
    'nothing',
    {},
    { type: 'record', name: 'R' },
    { type: 'record', name: '1R', fields: [] },
    { type: 'record', name: 'R', fields: [int, int] },
    record({ name: 'a', type: 'int', default: 'x' }),
    record({ name: 'a' }),
    record({ name: 'a b', type: 'int' }),
    { type: 'record', name: 'int', fields: [] },
    { type: 'enum', name: 'E', symbols: ['A', 'A'] },
    { type: 'enum', name: 'E', symbols: ['A'], default: 'B' },
    { type: 'fixed', name: 'F', size: -1 },
    ['int', 'int'],
    ['int', ['string']],
    record({ name: 'a', type: record() }),
    { type: 'array' },
    { type: 'map' },
    nested(300),
  ]) {
    expect(() => avro(schema), JSON.stringify(schema)?.slice(0, 80)).toThrow(
      expect.objectContaining({ code: 'REGISTRY_INVALID_SCHEMA' }),
    )
  }
})

test('a schema has one text, however it is spelled', () => {
  const texts: readonly (readonly [schema: unknown, text: string])[] = [
    [{ type: 'string' }, '"string"'],
    [{ type: { type: 'string' } }, '"string"'],
    [{ logicalType: 'date', type: 'int' }, '{"type":"int","logicalType":"date"}'],
    [{ items: { type: 'n.E', x: 1 }, type: 'array' }, '{"type":"array","items":{"type":"n.E","x":1}}'],
    [
      { fields: [{ type: 'n.R', name: 'next' }], name: 'R', namespace: 'n', type: 'record', doc: 'd' },
      '{"type":"record","name":"R","namespace":"n","doc":"d","fields":[{"name":"next","type":"R"}]}',
    ],
    [
      {
        name: 'n.R',
        type: 'record',
        fields: [{ order: 'ascending', default: null, type: ['null', 'int'], name: 'a' }],
      },
      '{"type":"record","name":"R","namespace":"n","fields":[{"name":"a","type":["null","int"],"default":null}]}',
    ],
  ]
  for (const [schema, text] of texts) {
    const referenced = { name: 'n.E', schema: '{"type":"enum","name":"n.E","symbols":["A"]}' }
    expect(parseSchema('AVRO', JSON.stringify(schema), [referenced]).text).toBe(text)
    expect(parseSchema('AVRO', text, [referenced]).text).toBe(text)
  }
  expect(parseSchema('AVRO', ' string ', []).text).toBe('"string"')
})

function avro(schema: unknown) {
  return parseSchema('AVRO', JSON.stringify(schema), [])
}

function typeOf(schema: unknown) {
  return avsc.Type.forSchema(JSON.parse(JSON.stringify(schema)))
}

function nested(depth: number): unknown {
  return depth === 0 ? 'int' : { type: 'array', items: nested(depth - 1) }
}
