import { Serdes, StreamsBuilder, topic } from 'millrace'
import { TestRecord, TopologyTestDriver } from 'millrace/test'
import { cpuSecondsSince } from '../modes/process-usage.ts'
import type { Curve } from './curve.ts'

const RECORDS = 20_000
const PASSES = 5
const numbers = topic('numbers', { key: Serdes.bytes(), value: Serdes.int32() })

/** A chain of so many operators. */
export const topologyCurve: Curve = {
  name: 'topology',
  title: `a record through a chain of mapValues, in the test driver`,
  sizes: 'operators',
  costs: 'µs of CPU a record',
  explanation:
    'A record costs a constant for the driver and its source, which hides the first operators, and then the same for each operator: ' +
    'the exponent between neighbours goes to 1.',
  async *points() {
    for (const size of [1, 3, 10, 30, 100, 300]) yield { size, cost: bestOf(() => pass(size)) }
  },
}

function bestOf(measure: () => number): number {
  return Math.min(...Array.from({ length: PASSES }, measure))
}

function pass(operators: number): number {
  const builder = new StreamsBuilder()
  let stream = builder.stream(numbers)
  for (let i = 0; i < operators; i++) stream = stream.mapValues((value) => (value + 1) | 0)
  let last = 0
  stream.foreach((value) => {
    last = value
  })
  const driver = new TopologyTestDriver(builder.build())
  const input = driver.createInputTopic(numbers)
  const record = new TestRecord<Uint8Array, number>(null, 7, 1)
  const cpu = process.cpuUsage()
  for (let i = 0; i < RECORDS; i++) input.pipeInput(record)
  const cost = (cpuSecondsSince(cpu) * 1e6) / RECORDS
  driver.close()
  if (last !== 7 + operators) throw new Error(`The chain gave ${last}, not ${7 + operators}.`)
  return cost
}
