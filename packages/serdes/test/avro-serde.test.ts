import avsc from 'avsc'
import { expect, test } from 'vitest'
import { avroSerde } from '../src/avro.ts'
import { serdeSuite } from '../src/conformance.ts'
import { SerdeNotReadyError } from '../src/index.ts'
import {
  memorySchemaRegistry,
  recordNameStrategy,
  type SchemaRegistry,
  SchemaRegistryError,
  topicRecordNameStrategy,
} from '../src/schema-registry.ts'

const flight = {
  type: 'record',
  name: 'Flight',
  namespace: 'air',
  fields: [
    { name: 'origin', type: 'string' },
    { name: 'delay', type: 'int' },
    { name: 'legs', type: { type: 'array', items: 'long' } },
    { name: 'note', type: ['null', 'string'], default: null },
  ],
} as const

const record = (...fields: object[]) => ({ type: 'record', name: 'air.Flight', fields })
const good = { origin: 'ORD', delay: -3, legs: [1, 2 ** 40], note: null }
/** avsc's records have a class of their own. */
const asRead = avsc.Type.forSchema(flight as never, { omitRecordMethods: true })

for (const registry of [undefined, memorySchemaRegistry()]) {
  const serde = avroSerde({ schema: flight, ...(registry && { registry }) })
  serdeSuite({
    test,
    serde: { ...serde, deserialize: (topic, bytes) => plain(serde.deserialize(topic, bytes)) },
    values: [good, { ...good, note: 'x'.repeat(10_000) }],
    wrongValues: [{}, { ...good, delay: 1.5 }, 'text', undefined],
    wrongBytes: [new Uint8Array(), Uint8Array.of(1, 2, 3, 4, 5, 6), Uint8Array.of(0, 0, 0, 0, 99, 0)],
  })
}

test('the bytes are the header with the id of the schema, then Avro', () => {
  const registry = memorySchemaRegistry()
  const bytes = avroSerde({ registry, schema: flight }).serialize('flights', good)!
  expect(Buffer.from(bytes.subarray(0, 5)).toString('hex')).toBe('0000000001')
  expect(asRead.fromBuffer(Buffer.from(bytes.subarray(5)))).toEqual(good)
})

test('without a schema, values are read as they were written', () => {
  const registry = memorySchemaRegistry()
  const bytes = avroSerde({ registry, schema: flight }).serialize('flights', good)
  expect(avroSerde<unknown>({ registry }).deserialize('flights', bytes)).toEqual(good)
  expect(() => avroSerde<unknown>({ registry }).serialize('flights', good)).toThrow(/only reads/)
})

test('a record is read as the schema of the program: fields come with defaults, go, are widened and renamed', () => {
  const registry = memorySchemaRegistry()
  const old = record({ name: 'from', type: 'string' }, { name: 'delay', type: 'int' }, { name: 'gate', type: 'string' })
  const now = record(
    { name: 'origin', aliases: ['from'], type: 'string' },
    { name: 'delay', type: 'double' },
    { name: 'seats', type: 'int', default: 180 },
  )
  const bytes = avroSerde<object>({ registry, schema: old }).serialize('t', { from: 'ORD', delay: 3, gate: 'B2' })
  const serde = avroSerde<object>({ registry, schema: now })
  expect(serde.deserialize('t', bytes)).toEqual({ origin: 'ORD', delay: 3, seats: 180 })
  const newer = serde.serialize('t', { origin: 'LAX', delay: 0.5, seats: 1 })
  expect(serde.deserialize('t', newer)).toEqual({ origin: 'LAX', delay: 0.5, seats: 1 })
  expect(serde.deserialize('t', bytes)).toEqual({ origin: 'ORD', delay: 3, seats: 180 })
})

test('a schema that cannot be read as that of the program is refused, by the record', () => {
  const registry = memorySchemaRegistry()
  const bytes = avroSerde<object>({ registry, schema: record({ name: 'delay', type: 'string' }) }).serialize('t', {
    delay: 'x',
  })
  const serde = avroSerde<object>({ registry, schema: record({ name: 'delay', type: 'int' }) })
  expect(() => serde.deserialize('t', bytes)).toThrow(/schema id 1 .* cannot be used: .*string/)
})

test('an unknown schema id is refused', () => {
  const serde = avroSerde({ registry: memorySchemaRegistry(), schema: flight })
  expect(() => serde.deserialize('t', Uint8Array.of(0, 0, 0, 0, 9, 1))).toThrow(/schema id 9 .*there is no schema 9/)
})

test('a value that fails its schema is refused with the path of the field', () => {
  const serde = avroSerde({ schema: flight })
  const bad = { ...good, legs: [1, 'x'] } as never
  expect(() => serde.serialize('flights', bad)).toThrow(/Topic 'flights': .* legs\[1\]: needs "long", found x/)
})

test('subjects are named by the strategy and the half of the record', async () => {
  const registry = memorySchemaRegistry()
  avroSerde({ registry, schema: flight, component: 'key' }).serialize('t', good)
  avroSerde({ registry, schema: flight, subjectNameStrategy: recordNameStrategy }).serialize('t', good)
  avroSerde({ registry, schema: flight, subjectNameStrategy: topicRecordNameStrategy }).serialize('t', good)
  for (const subject of ['t-key', 'air.Flight', 't-air.Flight']) {
    expect((await registry.version(subject, 'latest')).id).toBe(1)
  }
  const nameless = avroSerde({ registry, schema: 'string', subjectNameStrategy: recordNameStrategy })
  expect(() => nameless.serialize('t', 'x')).toThrow(/schema without a name/)
})

test('schemas refer to others of the registry', () => {
  const registry = memorySchemaRegistry()
  const airport = { type: 'record', name: 'air.Airport', fields: [{ name: 'code', type: 'string' }] }
  registry.atOnce!.register('airport', { schemaType: 'AVRO', schema: JSON.stringify(airport), references: [] })
  const references = [{ name: 'air.Airport', subject: 'airport', version: 1 }]
  const schema = { type: 'record', name: 'air.Trip', fields: [{ name: 'to', type: 'air.Airport' }] }
  const bytes = avroSerde<object>({ registry, schema, references }).serialize('trips', { to: { code: 'ORD' } })
  expect(avroSerde<object>({ registry }).deserialize('trips', bytes)).toEqual({ to: { code: 'ORD' } })
  const wider = { ...schema, fields: [...schema.fields, { name: 'km', type: 'int', default: 0 }] }
  expect(avroSerde<object>({ registry, schema: wider, references }).deserialize('trips', bytes)).toEqual({
    to: { code: 'ORD' },
    km: 0,
  })
})

test('with autoRegister off a schema must be there; with useLatestVersion the newest one writes', () => {
  const registry = memorySchemaRegistry()
  const strict = avroSerde<object>({ registry, schema: record({ name: 'a', type: 'int' }), autoRegister: false })
  expect(() => strict.serialize('t', { a: 1 })).toThrow(/has no such schema/)
  const newest = record({ name: 'a', type: 'int' }, { name: 'b', type: 'int', default: 7 })
  registry.atOnce!.register('t-value', { schemaType: 'AVRO', schema: JSON.stringify(newest), references: [] })
  const latest = avroSerde<object>({ registry, useLatestVersion: true })
  expect(latest.deserialize('t', latest.serialize('t', { a: 1, b: 2 }))).toEqual({ a: 1, b: 2 })
})

test('a schema that is none is refused where the serde is made', () => {
  expect(() => avroSerde({ schema: { type: 'record', name: 'X' } })).toThrow()
  expect(() => avroSerde({})).toThrow(/needs a schema/)
})

test('what has to be fetched is fetched once, while the caller hears that it is not ready', async () => {
  const memory = memorySchemaRegistry()
  const bytes = avroSerde({ registry: memory, schema: flight }).serialize('t', good)
  const asked: number[] = []
  const registry = slow(memory, (id) => asked.push(id))
  const serde = avroSerde({ registry, schema: flight })
  const first = attempt(() => serde.deserialize('t', bytes))
  expect(first).toBeInstanceOf(SerdeNotReadyError)
  expect(attempt(() => serde.deserialize('t', bytes))).toBeInstanceOf(SerdeNotReadyError)
  await (first as SerdeNotReadyError).ready
  expect(serde.deserialize('t', bytes)).toEqual(good)
  expect(asked).toEqual([1])
})

test('a registry that is down is asked again at each call; nothing is known to be wrong with the record', async () => {
  const memory = memorySchemaRegistry()
  const bytes = avroSerde({ registry: memory, schema: flight }).serialize('t', good)
  let isDown = true
  const registry = slow(memory, () => {
    if (isDown) throw new SchemaRegistryError({ message: 'it is down' })
  })
  const serde = avroSerde({ registry, schema: flight })
  for (let i = 0; i < 3; i++) {
    const error = attempt(() => serde.deserialize('t', bytes)) as SerdeNotReadyError
    expect(error).toBeInstanceOf(SerdeNotReadyError)
    expect(error.message.includes('it is down')).toBe(i > 0)
    await error.ready
  }
  await expect(serde.prepare!('t', 'deserialize')).rejects.toThrow('it is down')
  isDown = false
  await serde.prepare!('t', 'deserialize')
  expect(serde.deserialize('t', bytes)).toEqual(good)
})

test('prepare makes a serde ready for its topic on both sides; a subject that is not there yet is no error', async () => {
  const memory = memorySchemaRegistry()
  const serde = avroSerde({ registry: slow(memory), schema: flight })
  await serde.prepare!('t', 'deserialize')
  await serde.prepare!('t', 'serialize')
  const bytes = serde.serialize('t', good)
  const other = avroSerde({ registry: slow(memory), schema: flight })
  await other.prepare!('t', 'deserialize')
  expect(other.deserialize('t', bytes)).toEqual(good)
})

/** The same registry, but its answers take a while. */
function slow(memory: SchemaRegistry, onAsk: (id: number) => void = () => {}): SchemaRegistry {
  const { atOnce: _atOnce, ...registry } = memory
  return {
    ...registry,
    schemaById: async (id) => {
      onAsk(id)
      return memory.schemaById(id)
    },
  }
}

function attempt(call: () => unknown): unknown {
  try {
    return call()
  } catch (error) {
    return error
  }
}

function plain<T>(value: T): T {
  return value === null ? value : ({ ...value } as T)
}
