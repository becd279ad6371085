import { SchemaRegistry, SchemaType } from '@kafkajs/confluent-schema-registry'
import { avroSerde } from '@millrace/serdes/avro'
import { jsonSchemaSerde } from '@millrace/serdes/json-schema'
import { SchemaRegistryClient } from '@millrace/serdes/schema-registry'
import { expect, test } from 'vitest'
import { startServer } from './registry-server.ts'

// Another people's client and our own, against the same registry: what one writes, the other reads.

const order = {
  type: 'record',
  name: 'Order',
  namespace: 'shop',
  fields: [
    { name: 'id', type: 'long' },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
} as const
const ORDER = { id: 7, note: 'gift' }

test('kafkajs’ client registers, encodes and decodes Avro; our serde has the same bytes', async () => {
  const { url } = await startServer()
  const theirs = new SchemaRegistry({ host: url })
  const { id } = await theirs.register(
    { type: SchemaType.AVRO, schema: JSON.stringify(order) },
    { subject: 'orders-value' },
  )
  const registry = new SchemaRegistryClient({ url })
  const ours = avroSerde({ registry, schema: order })
  await ours.prepare!('orders', 'serialize')
  await ours.prepare!('orders', 'deserialize')
  const bytes = await theirs.encode(id, ORDER)
  expect(Buffer.from(ours.serialize('orders', ORDER)!)).toEqual(bytes)
  expect(ours.deserialize('orders', bytes)).toEqual(ORDER)
  expect(await theirs.decode(Buffer.from(ours.serialize('orders', { id: 8, note: null })!))).toEqual({
    id: 8,
    note: null,
  })
  expect(await theirs.getLatestSchemaId('orders-value')).toBe(id)
  expect(
    await theirs.getRegistryIdBySchema('orders-value', { type: SchemaType.AVRO, schema: JSON.stringify(order) }),
  ).toBe(id)
})

test('kafkajs’ client is told what does not fit, and what is not there', async () => {
  const theirs = new SchemaRegistry({ host: (await startServer()).url })
  const options = { subject: 'orders-value' }
  await theirs.register({ type: SchemaType.AVRO, schema: JSON.stringify(order) }, options)
  const changed = { ...order, fields: [{ name: 'id', type: 'string' }] }
  await expect(theirs.register({ type: SchemaType.AVRO, schema: JSON.stringify(changed) }, options)).rejects.toThrow(
    /incompatible with an earlier schema/,
  )
  await expect(theirs.getSchema(99)).rejects.toThrow(/99 not found/)
})

test('kafkajs’ client and JSON Schema', async () => {
  const { url } = await startServer()
  const theirs = new SchemaRegistry({ host: url })
  const schema = { type: 'object', properties: { id: { type: 'integer' } }, required: ['id'] }
  const { id } = await theirs.register(
    { type: SchemaType.JSON, schema: JSON.stringify(schema) },
    { subject: 'j-value' },
  )
  const ours = jsonSchemaSerde<{ id: number }>({ registry: new SchemaRegistryClient({ url }), schema })
  await ours.prepare!('j', 'serialize')
  await ours.prepare!('j', 'deserialize')
  expect(await theirs.decode(Buffer.from(ours.serialize('j', { id: 1 })!))).toEqual({ id: 1 })
  expect(ours.deserialize('j', await theirs.encode(id, { id: 2 }))).toEqual({ id: 2 })
})

test('our client: versions, levels, compatibility, references, deletion', async () => {
  const client = new SchemaRegistryClient({ url: (await startServer()).url })
  const schema = { schemaType: 'AVRO', schema: JSON.stringify(order), references: [] } as const
  expect(await client.register('t-value', schema)).toBe(1)
  expect(await client.lookUp('t-value', schema)).toMatchObject({ subject: 't-value', version: 1, id: 1 })
  expect(await client.versions('t-value')).toEqual([1])
  expect(await client.subjects()).toEqual(['t-value'])
  expect((await client.version('t-value', 'latest')).id).toBe(1)
  expect(await client.compatibility('t-value')).toBe('BACKWARD')
  await client.setCompatibility('FULL', 't-value')
  expect(await client.compatibility('t-value')).toBe('FULL')
  expect(await client.testCompatibility('t-value', { ...schema, schema: '"string"' })).toEqual({
    isCompatible: false,
    messages: expect.arrayContaining([expect.stringContaining('version 1')]),
  })
  const references = [{ name: 'shop.Order', subject: 't-value', version: 1 }]
  const list = { schemaType: 'AVRO', schema: '{"type":"array","items":"shop.Order"}', references } as const
  expect(await client.register('lists-value', list)).toBe(2)
  expect(await client.schemaById(2)).toMatchObject({ references })
  expect(await client.deleteSubject('lists-value')).toEqual([1])
  expect(await client.deleteSubject('lists-value', { permanent: true })).toEqual([1])
  await expect(client.versions('lists-value')).rejects.toMatchObject({ errorCode: 40401, isAnswer: true })
})
