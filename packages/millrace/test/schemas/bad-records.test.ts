import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { avroSerde } from '../../src/avro.ts'
import { type Serde, SerdeNotReadyError, Serdes, StreamsBuilder, topic } from '../../src/index.ts'
import { jsonSchemaSerde } from '../../src/json-schema.ts'
import { memorySchemaRegistry } from '../../src/schema-registry.ts'
import { TopologyTestDriver } from '../../src/test.ts'
import { zodSerde } from '../../src/zod.ts'

// Records that are none: the deserialization handler decides, the record is kept, the application goes on.

const flight = (type: string) => ({ type: 'record', name: 'Flight', fields: [{ name: 'miles', type }] })
const raw = { keySerde: Serdes.bytes(), valueSerde: Serdes.bytes() }

const registry = memorySchemaRegistry()
const [miles, text] = [
  avroSerde<{ miles: number }>({ registry, schema: flight('int') }),
  avroSerde<{ miles: string }>({ registry, schema: flight('string') }),
]
const good = miles.serialize('flights', { miles: 7 })!
const json = { type: 'object', properties: { legs: { type: 'array', items: { type: 'number' } } } }
const jsonSchema = jsonSchemaSerde<object>({ registry, schema: json, subjectNameStrategy: () => 'json' })
const goodJson = jsonSchema.serialize('flights', { legs: [] })!
const zod = zodSerde(z.object({ legs: z.array(z.object({ miles: z.number() })) }))

const cases: readonly (readonly [
  what: string,
  serde: Serde<never>,
  bad: Uint8Array,
  message: RegExp,
  good: Uint8Array,
])[] = [
  ['an unknown schema id', miles, Buffer.from([0, 0, 0, 0, 99, 1]), /schema id 99 .* cannot be used/, good],
  ['a schema that cannot be read as ours', miles, text.serialize('old', { miles: 'x' })!, /cannot be used/, good],
  ['bytes without a schema id', miles, Buffer.from('{}'), /too few for the header/, good],
  ['bytes that are cut', miles, good.subarray(0, 5), /end too early/, good],
  ['invalid JSON', Serdes.json(), Buffer.from('{'), /not JSON/, Buffer.from('{}')],
  [
    'a value that fails its zod schema',
    zod,
    Buffer.from('{"legs":[{"miles":"x"}]}'),
    /legs\[0\]\.miles: /,
    Buffer.from('{"legs":[]}'),
  ],
  [
    'a value that fails its JSON Schema',
    jsonSchema,
    Buffer.concat([goodJson.subarray(0, 5), Buffer.from('{"legs":[1,"x"]}')]),
    /legs\[1\]: must be number/,
    goodJson,
  ],
] as never

let driver: TopologyTestDriver | undefined
afterEach(() => driver?.close())

test.each(cases)('%s', (_what, serde, bad, message, fine) => {
  const builder = new StreamsBuilder()
  const flights = topic('flights', { key: Serdes.bytes(), value: serde })
  builder
    .stream(flights)
    .mapValues(() => 'processed')
    .to('out', { valueSerde: Serdes.string() })
  driver = new TopologyTestDriver(builder.build(), {
    'deserialization.exception.handler': 'continue',
    'errors.dead.letter.queue.topic.name': 'dead',
  })
  const input = driver.createInputTopic('flights', raw)
  input.pipeInput(null, bad)
  input.pipeInput(null, fine)
  expect(driver.createOutputTopic('out', { ...raw, valueSerde: Serdes.string() }).readValuesToList()).toEqual([
    'processed',
  ])
  const dead = driver.createOutputTopic('dead', raw).readRecord()
  expect(dead.value).toEqual(bad)
  const header = dead.headers.lastHeader('__streams.errors.message')!
  expect(Buffer.from(header.value!).toString()).toMatch(message)
})

test('a record whose schema has to be fetched stays in the driver until its serde is ready', async () => {
  const { atOnce: _atOnce, ...asynchronous } = registry
  const serde = avroSerde<{ miles: number }>({ registry: asynchronous, schema: flight('int') })
  const flights = topic('flights', { key: Serdes.bytes(), value: serde })
  const builder = new StreamsBuilder()
  builder
    .stream(flights)
    .mapValues(({ miles }) => miles)
    .to('out', { valueSerde: Serdes.json() })
  driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic('flights', raw)
  const output = driver.createOutputTopic('out', { ...raw, valueSerde: Serdes.json() })
  expect(() => input.pipeInput(null, good)).toThrow(SerdeNotReadyError)
  await serde.prepare!('flights', 'deserialize')
  input.pipeInput(null, good)
  expect(output.readValuesToList()).toEqual([7, 7])
})
