import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { avroSerde } from '../../src/avro.ts'
import { type SchemaRegistryServer, startSchemaRegistry } from '../../src/broker.ts'
import { embeddedClientSupplier, LogEngine, memoryFileSystem } from '../../src/embedded.ts'
import {
  KafkaStreams,
  readTopic,
  Serdes,
  StreamsBuilder,
  type StreamsProperties,
  silentLogger,
  TimeoutError,
  TopicWriter,
  topic,
} from '../../src/index.ts'
import { memorySchemaRegistry, SchemaRegistryClient } from '../../src/schema-registry.ts'

// A registry that cannot be asked says nothing about a record: it waits, and nothing is lost or taken for a bad record.

interface Flight {
  miles: number
}
const schema = (fields: object[] = []) => ({
  type: 'record',
  name: 'Flight',
  fields: [{ name: 'miles', type: 'int' }, ...fields],
})
const added = [{ name: 'gate', type: 'string', default: 'A1' }]
const raw = (name: string) => topic(name, { key: Serdes.bytes(), value: Serdes.bytes() })

let stateDir: string
let engine: LogEngine
let registry: SchemaRegistryServer
let streams: KafkaStreams | undefined

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-schemas-'))
  engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  for (const name of ['flights', 'out', 'dead']) engine.createTopic({ name, partitions: 1 })
  registry = await startSchemaRegistry({ engine })
})

afterEach(async () => {
  await streams?.close()
  await registry.close()
  await engine.close()
  rmSync(stateDir, { recursive: true, force: true })
})

/** An impatient client, so that the tests are not slow. */
const client = () => new SchemaRegistryClient({ url: registry.url, retries: 1, retryBackoffMs: 5 })

/** flights ─► miles ─► out, both in Avro. */
function application(properties: StreamsProperties = {}): KafkaStreams {
  const builder = new StreamsBuilder()
  const valueSerde = avroSerde<Flight>({ registry: client(), schema: schema() })
  builder
    .stream('flights', { keySerde: Serdes.bytes(), valueSerde })
    .to('out', { keySerde: Serdes.bytes(), valueSerde })
  streams = new KafkaStreams(builder.build(), settings(properties), embeddedClientSupplier(engine))
  return streams
}

function settings(properties: StreamsProperties = {}): StreamsProperties {
  return {
    'application.id': 'app',
    'state.dir': stateDir,
    'processing.guarantee': 'exactly_once_v2',
    'commit.interval.ms': 5,
    'poll.ms': 5,
    'deserialization.exception.handler': 'continue',
    'errors.dead.letter.queue.topic.name': 'dead',
    logger: silentLogger,
    ...properties,
  }
}

const notTransactional = { transactionalId: undefined, transactionTimeoutMs: 60_000 }

async function write(...values: Uint8Array[]): Promise<void> {
  const producer = embeddedClientSupplier(engine).producer({ clientId: 'test', ...notTransactional })
  const writer = new TopicWriter(producer)
  for (const value of values) writer.send(raw('flights'), Buffer.from('k'), value, 1)
  await producer.flush()
  await producer.close()
}

/** A record's bytes, written with another version of the schema that is registered first. */
async function flightBytes(miles: number, fields: object[] = []): Promise<Uint8Array> {
  const serde = avroSerde<object>({ registry: client(), schema: schema(fields) })
  await serde.prepare!('flights', 'serialize')
  return serde.serialize('flights', { miles, gate: 'B2' })!
}

const valuesOf = async (name: string) =>
  (await readTopic(embeddedClientSupplier(engine), raw(name))).map(({ value }) => Buffer.from(value!))

async function until(condition: () => Promise<boolean> | boolean): Promise<void> {
  for (let turn = 0; !(await condition()); turn += 1) {
    if (turn > 3000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
}

/** The registry on the port that it had. */
async function startAgain(): Promise<void> {
  registry = await startSchemaRegistry({ engine, port: registry.port })
}

test('down when a new schema comes: the records wait in their order, and are processed when it is back', async () => {
  const [old, late] = [await flightBytes(1), await flightBytes(3)]
  await application().start()
  await write(old)
  await until(async () => (await valuesOf('out')).length === 1)
  const newer = await flightBytes(2, added)
  await registry.close()
  await write(newer, late)
  await until(async () => committed() === 1 && (await valuesOf('out')).length === 1)
  await startAgain()
  await until(async () => (await valuesOf('out')).length === 3)
  expect((await valuesOf('out')).map((bytes) => bytes.at(-1)! / 2)).toEqual([1, 2, 3])
  expect(await valuesOf('dead')).toEqual([])
})

test('down at the start: the application starts when it is there', async () => {
  await write(await flightBytes(1))
  const down = registry.close()
  const starting = application({ 'processing.guarantee': 'at_least_once' }).start()
  await down
  await startAgain()
  await starting
  await until(async () => (await valuesOf('out')).length === 1)
})

test('down at the start, and told to stop: it stops', async () => {
  await registry.close()
  const running = application()
  const starting = running.start().catch((error: unknown) => error)
  expect(await running.close()).toBe(true)
  await starting
  expect(running.state()).toBe('NOT_RUNNING')
  await startAgain()
})

test('down when a topic is written whose schema is not registered yet: what was done is undone, and done when it is back', async () => {
  engine.createTopic({ name: 'late', partitions: 1 })
  const builder = new StreamsBuilder()
  const valueSerde = avroSerde<Flight>({ registry: client(), schema: schema() })
  const reads = builder.stream('flights', { keySerde: Serdes.bytes(), valueSerde: Serdes.json<Flight>() })
  reads.to('out', { keySerde: Serdes.bytes(), valueSerde: Serdes.json() })
  reads.to(({ miles }) => (miles > 1 ? 'late' : 'out'), { keySerde: Serdes.bytes(), valueSerde })
  const warned: string[] = []
  const logger = { ...silentLogger, warn: (message: string) => warned.push(message) }
  streams = new KafkaStreams(builder.build(), settings({ logger }), embeddedClientSupplier(engine))
  await streams.start()
  await registry.close()
  await write(Buffer.from('{"miles":2}'), Buffer.from('{"miles":3}'))
  await until(() => warned.some((message) => message.includes('a serde waits for its schemas')))
  await startAgain()
  await until(async () => (await valuesOf('late')).length === 2)
  expect((await valuesOf('late')).map((bytes) => bytes.at(-1)! / 2)).toEqual([2, 3])
  expect(await valuesOf('out')).toHaveLength(2)
  expect(await valuesOf('dead')).toEqual([])
})

test('down when a global table’s topic gets a new schema: the table goes on when it is back', async () => {
  const builder = new StreamsBuilder()
  const valueSerde = avroSerde<Flight>({ registry: client(), schema: schema() })
  builder.globalTable('flights', { keySerde: Serdes.bytes(), valueSerde, storeName: 'table' })
  streams = new KafkaStreams(builder.build(), settings(), embeddedClientSupplier(engine))
  await streams.start()
  const newer = await flightBytes(2, added)
  await registry.close()
  await write(newer)
  await startAgain()
  const store = streams.store<Uint8Array, Flight>('table')
  await until(() => store.get(Buffer.from('k'))?.miles === 2)
})

test('an id that it does not know is the affair of the handler; the application goes on', async () => {
  const good = await flightBytes(1)
  const bad = Buffer.from([0, 0, 0, 0, 77, 2])
  await application().start()
  await write(bad, good)
  await until(async () => (await valuesOf('out')).length === 1)
  expect(await valuesOf('dead')).toEqual([bad])
})

test('down for longer than task.timeout.ms: the application ends, and the record is still to be read', async () => {
  const good = await flightBytes(1)
  const running = application({ 'task.timeout.ms': 50 })
  await running.start()
  await registry.close()
  const unknown = memorySchemaRegistry()
  const others = [1, 2, 3].map((n) =>
    avroSerde<object>({ registry: unknown, schema: schema([{ ...added[0], name: `f${n}` }]) }),
  )
  const last = others.map((serde) => serde.serialize('flights', { miles: 1, f1: '', f2: '', f3: '' })!).at(-1)!
  await write(good, last)
  await expect(running.stopped).rejects.toThrow(TimeoutError)
  expect(committed()).toBeLessThan(2)
  expect(await valuesOf('dead')).toEqual([])
  await startAgain()
})

test('a schema that the registry refuses keeps the application from starting', async () => {
  await client().register('out-value', { schemaType: 'AVRO', schema: '"string"', references: [] })
  await expect(application().start()).rejects.toThrow(/409.*incompatible with an earlier schema/)
})

/** The application's position in `flights`; 0 before the first commit. */
function committed(): number {
  const offset = engine.fetchOffsets('app', [{ topic: 'flights', partition: 0 }])[0]?.offset ?? 0
  return Math.max(0, offset)
}
