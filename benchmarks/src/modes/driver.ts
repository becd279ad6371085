import { Serdes, type StreamsProperties } from 'millrace'
import { type TestInputTopic, TestRecord, TopologyTestDriver } from 'millrace/test'
import { OutputChecksum } from '../workloads/checksum.ts'
import { generate, W4_USERS } from '../workloads/generator.ts'
import { PackedRecords } from '../workloads/packed-records.ts'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS, type Workload } from '../workloads/workload.ts'
import type { Pass } from './pass.ts'
import { peakRssMb } from './process-usage.ts'
import { shown } from './shown.ts'

const bytes = Serdes.bytes()
const raw = { keySerde: bytes, valueSerde: bytes }
/** Outputs are taken away, and the next inputs made, every so many records, so that neither piles up in memory. */
const RECORDS_PER_ROUND = 100

/**
 * Runs a workload `repeat` times in one driver each, after two unmeasured passes over a tenth of the records.
 * W4's table is loaded before the clock starts.
 */
export function* runDriver(workload: Workload, count: number, repeat: number): Generator<Pass> {
  const input = packInput(workload, count)
  for (let warmUp = 0; warmUp < 2; warmUp++) driverPass(workload, input, Math.ceil(input.length / 10), count)
  for (let i = 0; i < repeat; i++) yield driverPass(workload, input, input.length, count)
}

/** The generated records of a workload, in order, for one partition. */
export function packInput(workload: Workload, count: number): PackedRecords {
  const input = new PackedRecords()
  generate(workload, count, 1, (topic, _partition, timestamp, key, value) => input.add(topic, timestamp, key, value))
  return input
}

/** One pass over the first `length` records of the input, of which `count` are counted (W4's table is not). */
export function driverPass(
  workload: Workload,
  input: PackedRecords,
  length: number,
  count: number,
  properties?: StreamsProperties,
): Pass {
  const { inputs, output, outputValue } = WORKLOADS[workload]
  const driver = new TopologyTestDriver(buildWorkload(workload), { ...uncached, ...properties })
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
  const tableSize = workload === 'W4' ? Math.min(W4_USERS, length) : 0
  for (let from = 0; from < tableSize; from += RECORDS_PER_ROUND) {
    feed(topics, input, from, records(input, from, Math.min(from + RECORDS_PER_ROUND, tableSize)))
    drain()
  }
  let cpuMicros = 0
  for (let from = tableSize; from < length; from += RECORDS_PER_ROUND) {
    const round = records(input, from, Math.min(from + RECORDS_PER_ROUND, length))
    const cpu = process.cpuUsage()
    const started = performance.now()
    feed(topics, input, from, round)
    seconds += (performance.now() - started) / 1000
    const { user, system } = process.cpuUsage(cpu)
    cpuMicros += user + system
    drain()
  }
  driver.close()
  return {
    workload,
    mode: 'driver',
    records: Math.min(count, length),
    seconds,
    recordsPerSec: Math.round(Math.min(count, length) / seconds),
    checksum: sum.checksum,
    checksumTs: sum.checksumTs,
    checksumOrdered: sum.checksumOrdered,
    cpuSeconds: cpuMicros / 1e6,
    rssMb: peakRssMb(),
    settings: { partitions: 1 },
  }
}

type Topics = ReadonlyMap<string, TestInputTopic<Uint8Array, Uint8Array>>

function records(input: PackedRecords, from: number, to: number): TestRecord<Uint8Array, Uint8Array>[] {
  return Array.from(
    { length: to - from },
    (_, i) => new TestRecord(input.key(from + i), input.value(from + i), input.timestamp(from + i)),
  )
}

function feed(
  topics: Topics,
  input: PackedRecords,
  from: number,
  round: readonly TestRecord<Uint8Array, Uint8Array>[],
): void {
  for (let i = 0; i < round.length; i++) topics.get(input.topic(from + i))!.pipeInput(round[i]!)
}
