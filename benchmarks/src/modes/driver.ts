import { Serdes } from 'millrace'
import { type TestInputTopic, TestRecord, TopologyTestDriver } from 'millrace/test'
import { OutputChecksum } from '../workloads/checksum.ts'
import { generate } from '../workloads/generator.ts'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS, type Workload } from '../workloads/workload.ts'
import type { Pass } from './pass.ts'
import { shown } from './shown.ts'

interface Fed {
  readonly topic: string
  readonly record: TestRecord<Uint8Array, Uint8Array>
}

const bytes = Serdes.bytes()
const raw = { keySerde: bytes, valueSerde: bytes }
/** Outputs are taken away every so many records, so that they do not pile up in memory. */
const DRAIN_EVERY = 1_000

/**
 * Runs a workload `repeat` times in one driver each, after two unmeasured passes over a tenth of the records.
 * W4's table is loaded before the clock starts.
 */
export function* runDriver(workload: Workload, count: number, repeat: number): Generator<Pass> {
  const input = generateAll(workload, count)
  for (let warmUp = 0; warmUp < 2; warmUp++) pass(workload, input.slice(0, Math.ceil(input.length / 10)), count)
  for (let i = 0; i < repeat; i++) yield pass(workload, input, count)
}

function generateAll(workload: Workload, count: number): Fed[] {
  const input: Fed[] = []
  generate(workload, count, 1, (topic, _partition, timestamp, key, value) =>
    input.push({ topic, record: new TestRecord(key, value, timestamp) }),
  )
  return input
}

function pass(workload: Workload, input: readonly Fed[], count: number): Pass {
  const { inputs, output, outputValue } = WORKLOADS[workload]
  const driver = new TopologyTestDriver(buildWorkload(workload), uncached)
  const topics = new Map(inputs.map((name) => [name, driver.createInputTopic(name, raw)]))
  const results = driver.createOutputTopic(output, raw)
  const sum = new OutputChecksum()
  const drain = (): void => {
    for (const name of driver.producedTopicNames()) {
      if (name !== output) driver.createOutputTopic(name, raw).readRecordsToList()
    }
    for (const { key, value, timestamp } of results.readRecordsToList())
      sum.add(shown(key, 'text'), shown(value, outputValue), timestamp!)
  }

  let seconds = 0
  const tableSize = workload === 'W4' ? input.findIndex((fed) => fed.topic === 'bench-w4-in') : 0
  feed(topics, input, 0, tableSize === -1 ? input.length : tableSize)
  const cpu = process.cpuUsage()
  for (let from = tableSize; from !== -1 && from < input.length; from += DRAIN_EVERY) {
    const started = performance.now()
    feed(topics, input, from, Math.min(from + DRAIN_EVERY, input.length))
    seconds += (performance.now() - started) / 1000
    drain()
  }
  const { user, system } = process.cpuUsage(cpu)
  driver.close()
  const records = Math.min(count, input.length)
  return {
    workload,
    mode: 'driver',
    records,
    seconds,
    recordsPerSec: Math.round(records / seconds),
    checksum: sum.checksum,
    checksumTs: sum.checksumTs,
    checksumOrdered: sum.checksumOrdered,
    cpuSeconds: (user + system) / 1e6,
    rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
    settings: { partitions: 1 },
  }
}

type Topics = ReadonlyMap<string, TestInputTopic<Uint8Array, Uint8Array>>

function feed(topics: Topics, input: readonly Fed[], from: number, to: number): void {
  for (let i = from; i < to; i++) {
    const { topic, record } = input[i]!
    topics.get(topic)!.pipeInput(record)
  }
}
