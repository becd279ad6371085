import avsc from 'avsc'
import type { Serde } from 'millrace'
import { avroSerde } from 'millrace/avro'
import { memorySchemaRegistry } from 'millrace/schema-registry'
import { zodSerde } from 'millrace/zod'
import { z } from 'zod'

/** A serde beside the library that it is made of, doing the same work. */
interface Pair {
  readonly name: string
  bare(): unknown
  serde(): unknown
}

/** What one pair has given: medians of all rounds. */
export interface SerdeCost {
  readonly name: string
  /** µs of CPU a record: what else runs on the machine counts less than with a clock. */
  readonly bare: number
  readonly serde: number
  readonly ratio: number
  /** The smallest and the greatest ratio of a round. */
  readonly spread: readonly [number, number]
}

const ROUNDS = 31
const WARM_UP_ROUNDS = 5

const fields = [
  { name: 'id', type: 'string' },
  { name: 'customer', type: 'long' },
  { name: 'total', type: 'double' },
  { name: 'state', type: { type: 'enum', name: 'State', symbols: ['OPEN', 'PAID', 'SENT'] } },
  {
    name: 'lines',
    type: {
      type: 'array',
      items: {
        type: 'record',
        name: 'Line',
        fields: [
          { name: 'sku', type: 'string' },
          { name: 'count', type: 'int' },
        ],
      },
    },
  },
  { name: 'note', type: ['null', 'string'], default: null },
]
const written = { type: 'record', name: 'Order', fields }
const wider = { ...written, fields: [...fields, { name: 'currency', type: 'string', default: 'EUR' }] }
const order = {
  id: '9c1f6a0e-3d52-4f8e-8c63-0f7d2a1b4c5d',
  customer: 1_234_567,
  total: 99.95,
  state: 'PAID',
  lines: [
    { sku: 'A-1001', count: 2 },
    { sku: 'B-2002', count: 1 },
    { sku: 'C-3003', count: 12 },
  ],
  note: 'leave at the door',
}
const orderShape = z.object({
  id: z.string(),
  customer: z.int(),
  total: z.number(),
  state: z.enum(['OPEN', 'PAID', 'SENT']),
  lines: z.array(z.object({ sku: z.string(), count: z.int() })),
  note: z.string().nullable(),
})

/** Measures each pair in turn, round by round, `records` calls a round and side. */
export function measureSerdes(records: number): readonly SerdeCost[] {
  return pairs().map((pair) => {
    const rounds: (readonly [bare: number, serde: number])[] = []
    for (let round = 0; round < ROUNDS + WARM_UP_ROUNDS; round++) {
      const bare = microseconds(pair.bare, records)
      const serde = microseconds(pair.serde, records)
      if (round >= WARM_UP_ROUNDS) rounds.push([bare, serde])
    }
    const ratios = rounds.map(([bare, serde]) => serde / bare).sort((a, b) => a - b)
    return {
      name: pair.name,
      bare: median(rounds.map(([bare]) => bare)),
      serde: median(rounds.map(([, serde]) => serde)),
      ratio: median(ratios),
      spread: [ratios[0]!, ratios.at(-1)!],
    }
  })
}

function pairs(): readonly Pair[] {
  const registry = memorySchemaRegistry()
  const type = avsc.Type.forSchema(written as never)
  const serde = avroSerde<typeof order>({ registry, schema: written })
  const bytes = serde.serialize('orders', order)!
  const payload = Buffer.from(bytes.subarray(5))
  const reader = avsc.Type.forSchema(wider as never)
  const resolver = reader.createResolver(type)
  const evolving = avroSerde<typeof order>({ registry, schema: wider })
  const zod: Serde<z.output<typeof orderShape>> = zodSerde(orderShape)
  const value = orderShape.parse(order)
  const json = Buffer.from(JSON.stringify(value))
  return [
    { name: 'Avro, encode', bare: () => type.toBuffer(order), serde: () => serde.serialize('orders', order) },
    { name: 'Avro, decode', bare: () => type.fromBuffer(payload), serde: () => serde.deserialize('orders', bytes) },
    {
      name: 'Avro, decode an older schema',
      bare: () => reader.fromBuffer(payload, resolver),
      serde: () => evolving.deserialize('orders', bytes),
    },
    {
      name: 'zod, read',
      bare: () => orderShape.parse(JSON.parse(json.toString('utf8'))),
      serde: () => zod.deserialize('orders', json),
    },
    {
      name: 'zod, write',
      bare: () => Buffer.from(JSON.stringify(orderShape.parse(value))),
      serde: () => zod.serialize('orders', value),
    },
  ]
}

let sink: unknown

/** CPU of the process, its garbage collection included. */
function microseconds(call: () => unknown, records: number): number {
  const before = process.cpuUsage()
  for (let i = 0; i < records; i++) sink = call()
  const { user, system } = process.cpuUsage(before)
  if (sink === undefined) throw new Error('Nothing was made: the measurement is void.')
  return (user + system) / records
}

function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)]!
}
