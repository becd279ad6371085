import { Headers, Serdes } from '@millrace/serdes'
import { StreamsBuilder, type Topology } from '@millrace/streams-core'
import { countRecord, Metrics, TaskMetrics } from '@millrace/streams-core/internal'
import { expect, test } from 'vitest'
import { TopologyTestDriver } from '../../src/index.ts'

// What recording at level INFO costs, as a share of what a record costs in all. Both are measured in one run, in turn, and the
// fastest rounds are compared, so that other work on the machine counts little.

const rounds = Number(process.env['METRICS_ROUNDS'] ?? 7)
const recordsPerRound = 200_000
const mostShare = 0.05

const string = Serdes.string()

/** The cheapest application there is: a record in, a record out, hardly anything between. */
function passThrough(): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('in', { keySerde: string, valueSerde: string })
    .filter((value) => value.length > 0)
    .to('out', { keySerde: string, valueSerde: string })
  return builder.build()
}

function nanosecondsPerRecord(work: () => void): number {
  const begin = process.hrtime.bigint()
  work()
  return Number(process.hrtime.bigint() - begin) / recordsPerRound
}

/** A record through the production task. */
function processing(): number {
  const driver = new TopologyTestDriver(passThrough())
  const input = driver.createInputTopic<string, string>('in')
  const output = driver.createOutputTopic<string, string>('out')
  const cost = nanosecondsPerRecord(() => {
    for (let at = 0; at < recordsPerRound; at += 1) {
      input.pipeInput('key', 'value', at)
      if (at % 1000 === 999) output.readRecordsToList()
    }
  })
  driver.close()
  return cost
}

const key = new Uint8Array(3)
const value = new Uint8Array(5)

/** All that the task records for such a record: at the source, at the sink, for both topics. */
function recording(): number {
  const figures = new TaskMetrics(new Metrics(), 'thread', '0_0')
  const source = figures.source('source')
  const sink = figures.latencyAt('sink')
  const consumed = figures.consumed('source', 'in')
  const produced = figures.produced('sink', 'out')
  return nanosecondsPerRecord(() => {
    for (let at = 0; at < recordsPerRound; at += 1) {
      countRecord(consumed, 2, key, value, Headers.empty)
      figures.process.total += 1
      source.process.total += 1
      source.latency.record(at)
      countRecord(produced, 3, key, value, Headers.empty)
      sink.record(at)
    }
  })
}

test('recording at level INFO costs at most 5 % of the cheapest application in the test driver', () => {
  const processings: number[] = []
  const recordings: number[] = []
  for (let round = 0; round < rounds; round += 1) {
    processings.push(processing())
    recordings.push(recording())
  }
  const [perRecord, perRecording] = [Math.min(...processings), Math.min(...recordings)]
  const share = perRecording / perRecord
  process.stdout.write(
    `recording: ${perRecording.toFixed(1)} ns of ${perRecord.toFixed(0)} ns per record: ${(share * 100).toFixed(2)} %\n`,
  )
  expect(share).toBeLessThan(mostShare)
})
