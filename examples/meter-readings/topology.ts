import { Serdes, StreamsBuilder, type TopicDeclaration, type Topology, topic } from 'millrace'
import { type AvroValue, avroSerde } from 'millrace/avro'
import type { SchemaRegistry } from 'millrace/schema-registry'
import { type Reading, readingSchema } from './reading.ts'

/** Small enough to stand here: its type is inferred. */
const billSchema = {
  type: 'record',
  name: 'Bill',
  namespace: 'energy',
  fields: [
    { name: 'readings', type: 'int' },
    { name: 'cents', type: 'double' },
  ],
} as const

/** `{ readings: number; cents: number }` */
export type Bill = AvroValue<typeof billSchema>

/** The topics, with the registry that their schemas are in. Key: the meter. */
export function topics(registry: SchemaRegistry): {
  readonly readings: TopicDeclaration<string, Reading>
  readonly bills: TopicDeclaration<string, Bill>
} {
  return {
    readings: topic('readings', { key: Serdes.string(), value: avroSerde({ registry, schema: readingSchema }) }),
    bills: topic('bills', { key: Serdes.string(), value: avroSerde({ registry, schema: billSchema }) }),
  }
}

const centsPerKwh = { DAY: 30, NIGHT: 20 } as const

/** What each customer owes. Readings are Avro of any version; the program sees them as of its own. */
export function buildTopology(registry: SchemaRegistry): Topology {
  const { readings, bills } = topics(registry)
  const builder = new StreamsBuilder()
  builder
    .stream(readings)
    .groupBy(({ customer }) => customer, { name: 'by-customer', keySerde: Serdes.string() })
    .aggregate<Bill>(
      () => ({ readings: 0, cents: 0 }),
      (bill, { kwh, tariff }) => ({ readings: bill.readings + 1, cents: bill.cents + kwh * centsPerKwh[tariff] }),
      // State needs no registry: its bytes are Avro alone.
      { storeName: 'bills', valueSerde: avroSerde({ schema: billSchema }) },
    )
    .toStream()
    .to(bills)
  return builder.build()
}
