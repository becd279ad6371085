import type { Serde } from '@millrace/serdes'
import { type AvroValue, avroSerde } from '@millrace/serdes/avro'
import { expectTypeOf, test } from 'vitest'

test('the type of values follows from a schema that is written in the call', () => {
  const serde = avroSerde({
    schema: {
      type: 'record',
      name: 'Order',
      fields: [
        { name: 'id', type: 'long' },
        { name: 'state', type: { type: 'enum', name: 'State', symbols: ['open', 'paid'] } },
        { name: 'lines', type: { type: 'array', items: { type: 'map', values: 'double' } } },
        { name: 'note', type: ['null', 'string'], default: null },
        { name: 'at', type: { type: 'long', logicalType: 'timestamp-millis' } },
      ],
    },
  })
  expectTypeOf(serde).toEqualTypeOf<
    Serde<{ id: number; state: 'open' | 'paid'; lines: { [key: string]: number }[]; note: string | null; at: number }>
  >()
})

test('a type can be given, and a schema from elsewhere has unknown values', () => {
  const schema = JSON.parse('"string"') as { type: string }
  expectTypeOf(avroSerde<{ a: 1 }>({ schema })).toEqualTypeOf<Serde<{ a: 1 }>>()
  expectTypeOf(avroSerde({ schema })).toEqualTypeOf<Serde<unknown>>()
  expectTypeOf<AvroValue<'bytes'>>().toEqualTypeOf<Buffer>()
})
