import { type KStream, Serdes, StreamsBuilder, type Topology, topic } from 'millrace'
import { TestRecord, TopologyTestDriver } from 'millrace/test'

/** What stateless operators cost: the same records through a chain of five and through none. */
export interface OperatorCost {
  readonly records: number
  readonly operators: number
  /** For the whole chain and each record, µs: the median of the passes. */
  readonly microsecondsPerRecord: number
}

const OPERATORS = 5
const PASSES = 7
const numbers = topic('numbers', { key: Serdes.bytes(), value: Serdes.int32() })

/** Measures both chains in turn in one run, after two unmeasured passes. */
export function measureOperators(records: number): OperatorCost {
  const costs: number[] = []
  for (let i = 0; i < PASSES + 2; i++) {
    const without = seconds(
      buildChain((stream) => stream),
      records,
    )
    const withOperators = seconds(buildChain(fiveOperators), records)
    if (i >= 2) costs.push(((withOperators - without) * 1e6) / records)
  }
  costs.sort((a, b) => a - b)
  return { records, operators: OPERATORS, microsecondsPerRecord: costs[Math.floor(PASSES / 2)]! }
}

type Chain = (stream: KStream<Uint8Array, number>) => KStream<Uint8Array, number>

const fiveOperators: Chain = (stream) =>
  stream
    .filter((value) => value >= 0)
    .mapValues((value) => value + 1)
    .filterNot((value) => value < 0)
    .mapValues((value) => value * 2)
    .peek(() => {})

let total = 0

function buildChain(chain: Chain): Topology {
  const builder = new StreamsBuilder()
  chain(builder.stream(numbers)).foreach((value) => {
    total += value
  })
  return builder.build()
}

function seconds(topology: Topology, records: number): number {
  const driver = new TopologyTestDriver(topology)
  const input = driver.createInputTopic(numbers)
  const record = new TestRecord<Uint8Array, number>(null, 7, 1)
  const started = performance.now()
  for (let i = 0; i < records; i++) input.pipeInput(record)
  const took = (performance.now() - started) / 1000
  driver.close()
  if (total === 0) throw new Error('The chain gave nothing: the measurement is void.')
  return took
}
