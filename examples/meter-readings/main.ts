import { demo, records } from '@millrace-examples/demo'
import { Serdes, topic } from 'millrace'
import { avroSerde } from 'millrace/avro'
import { startSchemaRegistry } from 'millrace/broker'
import { LogEngine, memoryFileSystem } from 'millrace/embedded'
import { SchemaRegistryClient } from 'millrace/schema-registry'
import { firstReadingSchema } from './first-reading.ts'
import { buildTopology, topics } from './topology.ts'

// A program of one's own would name the registry that is there: new SchemaRegistryClient({ url: 'http://…:8081' }).
const schemas = await LogEngine.open({ dir: 'schemas', fileSystem: memoryFileSystem() })
const server = await startSchemaRegistry({ engine: schemas })
const registry = new SchemaRegistryClient({ url: server.url })
const { readings, bills } = topics(registry)

/** As meters that were built before there were tariffs write it. */
const firstReadings = topic(readings.name, {
  key: Serdes.string(),
  value: avroSerde({ registry, schema: firstReadingSchema }),
})

await demo({
  name: 'meter-readings',
  topology: buildTopology(registry),
  inputs: [
    records(firstReadings, ['m1', { customer: 'alice', kwh: 10 }, 0], ['m2', { customer: 'bob', kwh: 4 }, 1000]),
    records(
      readings,
      ['m1', { customer: 'alice', kwh: 2.5, tariff: 'NIGHT' }, 60_000],
      ['m3', { customer: 'alice', kwh: 1, tariff: 'DAY' }, 61_000],
    ),
  ],
  outputs: [bills],
})

await server.close()
await schemas.close()
