import { Serdes, topic } from '@millrace/serdes'
import {
  type KTable,
  SessionWindows,
  SlidingWindows,
  StreamsBuilder,
  silentLogger,
  TimeWindows,
} from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { TopologyTestDriver } from '../../src/index.ts'

// An aggregator that changes its aggregate in place, instead of making a new one, must give the same results: what is stored
// are bytes, and old values and neighbouring windows are read from them.

type Aggregate = (list: string[], value: string) => string[]

const copying: Aggregate = (list, value) => [...list, value]
const mutating: Aggregate = (list, value) => {
  list.push(value)
  return list
}
const merging = (one: string[], other: string[]) => {
  one.push(...other)
  return one
}

const lists = Serdes.json<string[]>()
const input = topic('in', { key: Serdes.string(), value: Serdes.string() })
const options = { keySerde: Serdes.string(), valueSerde: lists }

const tables: { readonly [name: string]: (builder: StreamsBuilder, aggregate: Aggregate) => KTable<never, string[]> } =
  {
    unwindowed: (builder, aggregate) =>
      builder
        .stream(input)
        .groupByKey()
        .aggregate(() => [], aggregate, options) as never,
    'time windows': (builder, aggregate) =>
      builder
        .stream(input)
        .groupByKey()
        .windowedBy(TimeWindows.ofSizeAndGrace(10, 100).advanceBy(5))
        .aggregate(() => [], aggregate, options) as never,
    'sliding windows': (builder, aggregate) =>
      builder
        .stream(input)
        .groupByKey()
        .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(10, 100))
        .aggregate(() => [], aggregate, options) as never,
    'sliding windows of the shortest retention': (builder, aggregate) =>
      builder
        .stream(input)
        .groupByKey()
        .windowedBy(SlidingWindows.ofTimeDifferenceAndGrace(1, 0))
        .aggregate(() => [], aggregate, options) as never,
    sessions: (builder, aggregate) =>
      builder
        .stream(input)
        .groupByKey()
        .windowedBy(SessionWindows.ofInactivityGapAndGrace(10, 100))
        .aggregate(() => [], aggregate, merging, options) as never,
  }

test.each(Object.keys(tables))('%s: an aggregate may be changed in place', (name) => {
  expect(run(name, mutating)).toEqual(run(name, copying))
})

/** All changes of a table, old values first: grouping it again sends both. */
function run(name: string, aggregate: Aggregate): unknown[] {
  const properties = { 'statestore.cache.max.bytes': 0, logger: silentLogger }
  const builder = new StreamsBuilder(properties)
  const table = tables[name]!(builder, aggregate)
  const all = table.groupBy((list) => ['all', list], options)
  const both = (sum: string[], list: string[]) => [...sum, `(${list.join()})`]
  all
    .aggregate((): string[] => [], both, both, options)
    .toStream()
    .to('out', options)
  const driver = new TopologyTestDriver(builder.build(), properties)
  const records = driver.createInputTopic(input)
  let seed = 7
  for (let i = 0; i < 60; i++) {
    seed = (seed * 48_271) % 2_147_483_647
    records.pipeInput(seed % 3 === 0 ? 'a' : 'b', `v${i}`, Math.max(0, i * 3 - (seed % 25)))
  }
  const results = driver.createOutputTopic('out', options).readValuesToList()
  driver.close()
  return results
}
