import { expect, test } from 'vitest'
import { ask, avro, record, startServer } from './registry-server.ts'

const int = { name: 'a', type: 'int' }
const withDefault = { name: 'b', type: 'string', default: '' }
const error = (code: number) => ({
  status: code > 1000 ? Math.floor(code / 100) : code,
  body: { error_code: code, message: expect.any(String) },
})

test('versions count in a subject, ids for a schema in all subjects', async () => {
  const registry = await startServer()
  const first = await ask(registry, 'POST /subjects/t-value/versions', record(int))
  expect(first).toMatchObject({ status: 200, body: { id: 1, version: 1 } })
  // The same schema, spelled in another way.
  const again = { schema: ' { "fields": [ {"type": {"type":"int"}, "name": "a"} ], "name": "R", "type": "record" } ' }
  expect((await ask(registry, 'POST /subjects/t-value/versions', again)).body).toMatchObject({ id: 1 })
  expect((await ask(registry, 'POST /subjects/u%2Fx/versions', again)).body).toMatchObject({ id: 1, version: 1 })
  const second = await ask(registry, 'POST /subjects/t-value/versions', record(int, withDefault))
  expect(second.body).toMatchObject({ id: 2, version: 2 })

  const text = '{"type":"record","name":"R","fields":[{"name":"a","type":"int"}]}'
  const answers: readonly (readonly [request: string, body: unknown])[] = [
    ['GET /subjects', ['t-value', 'u/x']],
    ['GET /subjects?subjectPrefix=u', ['u/x']],
    ['GET /subjects/t-value/versions', [1, 2]],
    ['GET /subjects/t-value/versions/1', { subject: 't-value', version: 1, id: 1, schema: text }],
    ['GET /subjects/u%2Fx/versions/latest/schema', JSON.parse(text)],
    ['GET /schemas/ids/1', { schema: text }],
    ['GET /schemas/ids/1/schema', JSON.parse(text)],
    ['GET /schemas/ids/1/subjects', ['t-value', 'u/x']],
    ['GET /schemas/ids/2/versions', [{ subject: 't-value', version: 2 }]],
    ['GET /schemas/types', ['JSON', 'AVRO']],
    ['GET /contexts', ['.']],
    ['GET /', {}],
  ]
  for (const [request, body] of answers) expect(await ask(registry, request)).toEqual({ status: 200, body })
  const latest = (await ask(registry, 'GET /subjects/t-value/versions/-1')).body
  expect(latest).toMatchObject({ version: 2, id: 2 })
  expect((await ask(registry, 'GET /schemas?latestOnly=true&subjectPrefix=t')).body).toEqual([latest])
  expect((await ask(registry, 'POST /subjects/t-value', again)).body).toMatchObject({ id: 1, version: 1 })
})

test('what is not there is not found, by kind', async () => {
  const registry = await startServer()
  await ask(registry, 'POST /subjects/t/versions', record(int))
  expect(await ask(registry, 'GET /subjects/none/versions')).toEqual(error(40401))
  expect(await ask(registry, 'GET /subjects/t/versions/9')).toEqual(error(40402))
  expect(await ask(registry, 'GET /schemas/ids/9')).toEqual(error(40403))
  expect(await ask(registry, 'POST /subjects/none', record(int))).toEqual(error(40401))
  expect(await ask(registry, 'POST /subjects/t', record(withDefault))).toEqual(error(40403))
  expect(await ask(registry, 'POST /compatibility/subjects/none/versions/latest', record(int))).toEqual(error(40401))
  expect(await ask(registry, 'GET /config/t')).toEqual(error(40408))
  expect(await ask(registry, 'GET /mode/t')).toEqual(error(40409))
  expect(await ask(registry, 'GET /elsewhere')).toEqual(error(404))
  expect(await ask(registry, 'PUT /subjects', {})).toEqual(error(405))
})

test('malformed, unsupported and oversized requests are refused', async () => {
  const registry = await startServer({ maxRequestBytes: 2000 })
  const versions = 'POST /subjects/t/versions'
  for (const [code, body] of [
    [400, '{"schema":'],
    [400, '[]'],
    [42201, {}],
    [42201, { schema: '' }],
    [42201, { schema: 7 }],
    [42201, { schema: '{"type":"recrd"}' }],
    [42201, { schema: '{"type":' }],
    [42201, { schema: 'message A {}', schemaType: 'PROTOBUF' }],
    [42201, { schema: '{"type":"strng"}', schemaType: 'JSON' }],
    [42201, { ...record(int), references: [{ name: 'X', subject: 'none', version: 1 }] }],
    [42201, { ...record(int), references: 'x' }],
    [413, { schema: ' '.repeat(3000) }],
  ] as const) {
    expect(await ask(registry, versions, body)).toEqual(error(code))
  }
  expect(await ask(registry, versions, 'schema=x', { 'content-type': 'text/plain' })).toEqual(error(415))
  expect(await ask(registry, 'GET /subjects/%ff/versions')).toEqual(error(400))
  for (const version of ['0', '-2', 'first', '2147483648']) {
    expect(await ask(registry, `GET /subjects/t/versions/${version}`)).toEqual(error(42202))
  }
  expect(await ask(registry, 'PUT /config', { compatibility: 'SOME' })).toEqual(error(42203))
  expect(await ask(registry, 'PUT /mode', { mode: 'WRITE' })).toEqual(error(42204))
  expect((await ask(registry, 'GET /subjects')).body).toEqual([])
})

test('a schema that does not fit is refused, by the level of its subject', async () => {
  const registry = await startServer()
  const [versions, check] = ['POST /subjects/t/versions', 'POST /compatibility/subjects/t/versions']
  await ask(registry, versions, record(int))
  expect((await ask(registry, 'GET /config')).body).toEqual({ compatibilityLevel: 'BACKWARD' })

  const needed = record(int, { name: 'c', type: 'string' })
  const refused = await ask(registry, versions, needed)
  expect(refused).toEqual(error(409))
  expect((refused.body as { message: string }).message).toMatch(/incompatible with an earlier schema.*field 'c'/)
  expect((await ask(registry, `${check}/latest`, needed)).body).toEqual({ is_compatible: false })
  expect((await ask(registry, `${check}/1?verbose=true`, needed)).body).toMatchObject({
    is_compatible: false,
    messages: [expect.stringContaining("cannot read version 1: READER_FIELD_MISSING_DEFAULT_VALUE at '/fields/1'")],
  })
  expect((await ask(registry, check, record(int, withDefault))).body).toEqual({ is_compatible: true })
  expect((await ask(registry, 'POST /compatibility/subjects/none/versions', needed)).body).toEqual({
    is_compatible: true,
  })

  expect((await ask(registry, 'PUT /config/t', { compatibility: 'forward' })).body).toEqual({
    compatibility: 'FORWARD',
  })
  expect((await ask(registry, versions, needed)).status).toBe(200)
  expect(await ask(registry, versions, record({ name: 'c', type: 'string' }))).toEqual(error(409))
  expect((await ask(registry, 'GET /config/t')).body).toEqual({ compatibilityLevel: 'FORWARD' })
  expect((await ask(registry, 'DELETE /config/t')).body).toEqual({ compatibilityLevel: 'FORWARD' })
  expect((await ask(registry, 'GET /config/t?defaultToGlobal=true')).body).toEqual({ compatibilityLevel: 'BACKWARD' })

  await ask(registry, 'PUT /config', { compatibility: 'NONE' })
  expect((await ask(registry, versions, avro('string'))).status).toBe(200)
  const json = { schemaType: 'JSON', schema: '{"type":"string"}' }
  expect((await ask(registry, versions, json)).status).toBe(200)
  expect((await ask(registry, 'GET /subjects/t/versions/latest')).body).toMatchObject({ schemaType: 'JSON' })
  await ask(registry, 'PUT /config', { compatibility: 'FULL' })
  expect(await ask(registry, versions, avro('int'))).toEqual(error(409))
})

test('what is deleted can be read by its id and comes back, until it is deleted permanently', async () => {
  const registry = await startServer()
  await ask(registry, 'POST /subjects/t/versions', record(int))
  await ask(registry, 'POST /subjects/t/versions', record(int, withDefault))
  expect(await ask(registry, 'DELETE /subjects/t/versions/1?permanent=true')).toEqual(error(40407))
  expect(await ask(registry, 'DELETE /subjects/t/versions/1')).toEqual({ status: 200, body: 1 })
  expect(await ask(registry, 'DELETE /subjects/t/versions/1')).toEqual(error(40406))
  expect((await ask(registry, 'GET /subjects/t/versions')).body).toEqual([2])
  expect((await ask(registry, 'GET /subjects/t/versions?deleted=true')).body).toEqual([1, 2])
  expect((await ask(registry, 'GET /subjects/t/versions?deletedOnly=true')).body).toEqual([1])
  expect(await ask(registry, 'GET /subjects/t/versions/1')).toEqual(error(40402))
  expect((await ask(registry, 'GET /subjects/t/versions/1?deleted=true')).status).toBe(200)
  expect((await ask(registry, 'GET /schemas/ids/1')).status).toBe(200)

  expect(await ask(registry, 'DELETE /subjects/t?permanent=true')).toEqual(error(40405))
  expect((await ask(registry, 'DELETE /subjects/t')).body).toEqual([2])
  expect(await ask(registry, 'DELETE /subjects/t')).toEqual(error(40404))
  expect(await ask(registry, 'GET /subjects/t/versions')).toEqual(error(40401))
  expect((await ask(registry, 'GET /subjects')).body).toEqual([])
  expect((await ask(registry, 'GET /subjects?deletedOnly=true')).body).toEqual(['t'])
  expect((await ask(registry, 'POST /subjects/t/versions', record(int))).body).toMatchObject({ id: 1, version: 3 })
  await ask(registry, 'DELETE /subjects/t')
  expect((await ask(registry, 'DELETE /subjects/t?permanent=true')).body).toEqual([1, 2, 3])
  expect(await ask(registry, 'DELETE /subjects/t')).toEqual(error(40401))
  expect((await ask(registry, 'POST /subjects/t/versions', record(int))).body).toMatchObject({ version: 1 })
})

test('schemas refer to others, which then cannot be deleted', async () => {
  const registry = await startServer()
  await ask(registry, 'POST /subjects/inner/versions', avro({ type: 'enum', name: 'n.E', symbols: ['A'] }))
  const outer = {
    ...avro({ type: 'record', name: 'n.R', fields: [{ name: 'e', type: 'E' }] }),
    references: [{ name: 'n.E', subject: 'inner', version: 1 }],
  }
  expect((await ask(registry, 'POST /subjects/outer/versions', { schema: outer.schema })).status).toBe(422)
  expect((await ask(registry, 'POST /subjects/outer/versions', outer)).body).toMatchObject({ id: 2 })
  expect((await ask(registry, 'GET /schemas/ids/2')).body).toMatchObject({ references: outer.references })
  expect((await ask(registry, 'GET /subjects/inner/versions/1/referencedby')).body).toEqual([2])
  expect(await ask(registry, 'DELETE /subjects/inner')).toEqual(error(42206))
  const json = { schemaType: 'JSON', schema: '{"properties":{"n":{"$ref":"number.json"}}}' }
  await ask(registry, 'POST /subjects/number/versions', { schemaType: 'JSON', schema: '{"type":"number"}' })
  const references = [{ name: 'number.json', subject: 'number', version: 1 }]
  expect((await ask(registry, 'POST /subjects/j/versions', { ...json, references })).status).toBe(200)
})

test('a mode forbids changes, or takes schemas with their ids', async () => {
  const registry = await startServer()
  expect((await ask(registry, 'GET /mode')).body).toEqual({ mode: 'READWRITE' })
  expect((await ask(registry, 'PUT /mode', { mode: 'IMPORT' })).body).toEqual({ mode: 'IMPORT' })
  const given = await ask(registry, 'POST /subjects/t/versions', { ...record(int), id: 70, version: 7 })
  expect(given.body).toMatchObject({ id: 70, version: 7 })
  expect(await ask(registry, 'POST /subjects/u/versions', { ...record(withDefault), id: 70 })).toEqual(error(42205))
  expect((await ask(registry, 'PUT /mode', { mode: 'READONLY' })).status).toBe(200)
  expect(await ask(registry, 'POST /subjects/t/versions', record(withDefault))).toEqual(error(42205))
  expect(await ask(registry, 'DELETE /subjects/t')).toEqual(error(42205))
  expect((await ask(registry, 'POST /subjects/t/versions', record(int))).body).toMatchObject({ id: 70 })
  await ask(registry, 'PUT /mode/t', { mode: 'READWRITE' })
  expect((await ask(registry, 'POST /subjects/t/versions', record(int, withDefault))).body).toMatchObject({ id: 71 })
  expect((await ask(registry, 'DELETE /mode/t')).body).toEqual({ mode: 'READWRITE' })
  expect(await ask(registry, 'PUT /mode', { mode: 'IMPORT' })).toEqual(error(42205))
  expect((await ask(registry, 'PUT /mode?force=true', { mode: 'IMPORT' })).status).toBe(200)
  expect(await ask(registry, 'POST /subjects/t/versions', { ...record(withDefault), id: -7 })).toEqual(error(422))
})

test('numbers that JavaScript cannot hold stay as they were sent', async () => {
  const registry = await startServer()
  const schema = '{"type":"record","name":"R","fields":[{"name":"a","type":"long","default":9007199254740993}]}'
  await ask(registry, 'POST /subjects/t/versions', { schema })
  expect((await ask(registry, 'GET /schemas/ids/1')).body).toEqual({ schema })
})
