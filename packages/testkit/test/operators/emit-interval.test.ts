import { Serdes, topic } from '@millrace/serdes'
import { SessionWindows, SlidingWindows, StreamsBuilder, silentLogger, TimeWindows } from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { TopologyTestDriver } from '../../src/index.ts'

// Results of closed windows are looked for once in an interval of wall-clock time (a second, in production), as an
// optimisation. However much stream time goes by within one interval, no result may get lost.

const string = Serdes.string()
const input = topic('in', { key: string, value: Serdes.int64() })
const interval = { '__emit.interval.ms.kstreams.windowed.aggregation__': 1000 }

const aggregations: { readonly [name: string]: (builder: StreamsBuilder) => void } = {
  'time windows': (builder) =>
    builder
      .stream(input)
      .groupByKey()
      .windowedBy(TimeWindows.ofSizeAndGrace(10, 5))
      .emitStrategy('onWindowClose')
      .count()
      .toStream((_count, { key, window }) => `${key}@${window.start}-${window.end}`)
      .to('out', { keySerde: string }),
  'sliding windows': (builder) =>
    builder
      .stream(input)
      .groupByKey()
      .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(10, 5))
      .emitStrategy('onWindowClose')
      .count()
      .toStream((_count, { key, window }) => `${key}@${window.start}-${window.end}`)
      .to('out', { keySerde: string }),
  sessions: (builder) =>
    builder
      .stream(input)
      .groupByKey()
      .windowedBy(SessionWindows.ofInactivityGapAndGrace(10, 5))
      .emitStrategy('onWindowClose')
      .count()
      .toStream((_count, { key, window }) => `${key}@${window.start}-${window.end}`)
      .to('out', { keySerde: string }),
}

test.each(Object.keys(aggregations))('%s: the same results whatever the interval', (name) => {
  const throttled = results(name, interval)
  expect(throttled.toSorted()).toEqual(results(name, {}).toSorted())
  expect(new Set(throttled).size).toBe(throttled.length)
  expect(throttled.length).toBeGreaterThan(20)
})

function results(name: string, settings: object): string[] {
  const properties = { ...settings, logger: silentLogger }
  const builder = new StreamsBuilder(properties)
  aggregations[name]!(builder)
  const driver = new TopologyTestDriver(builder.build(), properties)
  const records = driver.createInputTopic(input)
  let seed = 11
  for (let i = 0; i < 80; i++) {
    seed = (seed * 48_271) % 2_147_483_647
    records.pipeInput(seed % 2 === 0 ? 'a' : 'b', i, i * 7 + (seed % 11) + (i > 40 ? 100_000 : 0))
  }
  driver.advanceWallClockTime(5000)
  records.pipeInput('end', 0, 1_000_000)
  const keys = driver.createOutputTopic('out', { keySerde: string, valueSerde: Serdes.int64() }).readRecordsToList()
  driver.close()
  return keys.map(({ key, value }) => `${key}=${value}`)
}
