import { Serdes, StreamsBuilder, TimeWindows, topic } from 'millrace'
import { TestRecord, TopologyTestDriver } from 'millrace/test'
import { cpuSecondsSince } from '../modes/process-usage.ts'
import { uncached } from '../workloads/topologies.ts'
import type { Curve } from './curve.ts'

const KEYS = 100
const WINDOW_MS = 60_000
const UPDATES = 200_000
const visits = topic('visits', { key: Serdes.string(), value: Serdes.int64() })

/** Hopping windows, of which so many are open at a time for each key. */
export const windowsCurve: Curve = {
  name: 'windows',
  title: `a record into hopping windows of a minute, ${KEYS} keys, in the test driver`,
  sizes: 'open windows a key',
  costs: 'µs of CPU a record',
  explanation:
    'Each open window of the key is read, written, logged and forwarded, so the cost is proportional to their number; below some four ' +
    'windows what a record costs by itself shows.',
  async *points() {
    for (const size of [1, 4, 16, 64, 256]) {
      const records = Math.max(500, Math.round(UPDATES / size))
      pass(size, Math.ceil(records / 4))
      yield { size, cost: pass(size, records) }
    }
  },
}

function pass(openWindows: number, records: number): number {
  const builder = new StreamsBuilder(uncached)
  builder
    .stream(visits)
    .groupByKey()
    .windowedBy(TimeWindows.ofSizeWithNoGrace(WINDOW_MS).advanceBy(Math.floor(WINDOW_MS / openWindows)))
    .count({ storeName: 'counts' })
  const driver = new TopologyTestDriver(builder.build(), uncached)
  const input = driver.createInputTopic(visits)
  const cpu = process.cpuUsage()
  const recordsPerDrain = Math.max(1, Math.floor(100 / openWindows))
  for (let i = 0; i < records; i++) {
    input.pipeInput(new TestRecord(`key-${i % KEYS}`, 1, 1_700_000_040_000 + i * 10))
    if (i % recordsPerDrain === 0) {
      for (const name of driver.producedTopicNames()) driver.createOutputTopic(name).readRecordsToList()
    }
  }
  const cost = (cpuSecondsSince(cpu) * 1e6) / records
  driver.close()
  return cost
}
