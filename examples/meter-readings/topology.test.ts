import { Serdes, topic } from 'millrace'
import { avroSerde } from 'millrace/avro'
import { startSchemaRegistry } from 'millrace/broker'
import { LogEngine, memoryFileSystem } from 'millrace/embedded'
import { memorySchemaRegistry, SchemaRegistryClient } from 'millrace/schema-registry'
import { TopologyTestDriver } from 'millrace/test'
import { expect, test } from 'vitest'
import { firstReadingSchema } from './first-reading.ts'
import { readingSchema } from './reading.ts'
import { buildTopology, topics } from './topology.ts'

test('readings of both versions add up', () => {
  // A registry that answers at once, so that the test awaits nothing.
  const registry = memorySchemaRegistry()
  const { readings, bills } = topics(registry)
  const firstReadings = topic(readings.name, {
    key: Serdes.string(),
    value: avroSerde({ registry, schema: firstReadingSchema }),
  })
  const driver = new TopologyTestDriver(buildTopology(registry))
  driver.createInputTopic(firstReadings).pipeInput('m1', { customer: 'alice', kwh: 10 })
  driver.createInputTopic(readings).pipeInput('m1', { customer: 'alice', kwh: 2.5, tariff: 'NIGHT' })
  expect(driver.createOutputTopic(bills).readValuesToList()).toEqual([
    { readings: 1, cents: 300 },
    { readings: 2, cents: 350 },
  ])
  driver.close()
})

test('the registry that comes along takes the second version after the first, and none that could not read it', async () => {
  const schemas = await LogEngine.open({ dir: 'schemas', fileSystem: memoryFileSystem() })
  const server = await startSchemaRegistry({ engine: schemas })
  try {
    const registry = new SchemaRegistryClient({ url: server.url })
    const register = (schema: object) =>
      registry.register('readings-value', { schemaType: 'AVRO', schema: JSON.stringify(schema), references: [] })
    await register(firstReadingSchema)
    await register(readingSchema)
    const withoutDefault = { ...readingSchema, fields: [...readingSchema.fields, { name: 'site', type: 'string' }] }
    await expect(register(withoutDefault)).rejects.toThrow(/READER_FIELD_MISSING_DEFAULT_VALUE.*site/s)
  } finally {
    await server.close()
    await schemas.close()
  }
})
