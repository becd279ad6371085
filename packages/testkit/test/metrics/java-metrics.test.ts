import { readFileSync } from 'node:fs'
import { Serdes } from '@millrace/serdes'
import {
  JoinWindows,
  type Metric,
  SessionWindows,
  Stores,
  StreamsBuilder,
  Suppressed,
  silentLogger,
  TimeWindows,
  type Topology,
} from '@millrace/streams-core'
import { expect, test } from 'vitest'
import { TopologyTestDriver } from '../../src/index.ts'

// java-metrics.json lists what Java Kafka Streams 4.3.1 has for the topology below: from `TopologyTestDriver.metrics()` and, for
// threads and clients, from a running application. The gauges of RocksDB itself are left out: there is no RocksDB here.

type Names = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
const java = JSON.parse(readFileSync(new URL('java-metrics.json', import.meta.url), 'utf8')) as {
  readonly driver: Names
}

/** Figures that Java does not have, or not at that place. */
const ours = [
  'records-lag',
  'state-memory-bytes',
  'estimate-num-keys',
  'dropped-records-by-reason-rate',
  'dropped-records-by-reason-total',
]

const string = Serdes.string()
const serdes = { keySerde: string, valueSerde: string }

function topology(): Topology {
  const builder = new StreamsBuilder({ logger: silentLogger })
  const words = builder.stream('words', serdes)
  const windows = TimeWindows.ofSizeAndGrace(100, 0)
  const count = { valueSerde: Serdes.json<number>() }
  words
    .groupBy((word) => word, serdes)
    .count({ storeName: 'counts' })
    .toStream()
    .to('counts-out', { keySerde: string, valueSerde: Serdes.int64() })
  words
    .groupByKey(serdes)
    .windowedBy(windows)
    .count({ storeName: 'windowed' })
    .suppress(Suppressed.untilWindowCloses(), { name: 'sup' })
    .toStream()
    .foreach(() => {})
  words.groupByKey(serdes).windowedBy(windows).emitStrategy('onWindowClose').count({ storeName: 'final' }).toStream()
  words
    .groupByKey(serdes)
    .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(100))
    .count({ storeName: 'sessions', ...count })
    .toStream()
    .foreach(() => {})
  builder.table('t', { ...serdes, storeSupplier: Stores.inMemoryKeyValueStore('mem') })
  builder.table('t2', { ...serdes, storeSupplier: Stores.persistentVersionedKeyValueStore('ver', 3_600_000) })
  builder.table('t3', { ...serdes, storeSupplier: Stores.lruMap('lru', 5) })
  words
    .join(
      words.filter(() => true),
      (left, right) => left + right,
      JoinWindows.ofTimeDifferenceWithNoGrace(10),
      { ...serdes, otherValueSerde: string, name: 'j' },
    )
    .foreach(() => {})
  builder.globalTable('g', { ...serdes, storeName: 'glob' })
  return builder.build()
}

function run(recordingLevel: 'INFO' | 'DEBUG' | 'TRACE'): TopologyTestDriver {
  const driver = new TopologyTestDriver(topology(), { 'metrics.recording.level': recordingLevel }, 1000)
  const input = driver.createInputTopic<string | null, string>('words')
  input.pipeInput('k', 'a', 1)
  input.pipeInput('k', 'b', 500)
  input.pipeInput(null, 'b', 501)
  input.pipeInput('k', 'late', 1)
  driver.advanceWallClockTime(10_000)
  input.pipeInput('k', 'a', 900)
  return driver
}

function names(metrics: readonly Metric[]): readonly string[] {
  const rows = metrics
    .filter(({ name }) => !ours.includes(name))
    .map(({ group, name, tags, recordingLevel }) => {
      return `${group} {${Object.keys(tags).sort().join(' ')}} ${recordingLevel} ${name}`
    })
  return [...new Set(rows)].sort()
}

function javaNames(listed: Names): readonly string[] {
  return Object.entries(listed)
    .flatMap(([place, levels]) =>
      Object.entries(levels).flatMap(([level, found]) => found.map((name) => `${place} ${level} ${name}`)),
    )
    .sort()
}

test('names, groups, tags and levels are those of Java', () => {
  const driver = run('TRACE')
  expect(names(driver.metrics())).toEqual(javaNames(java.driver))
  driver.close()
})

/** The values of one name, by the last tag. */
function values(driver: TopologyTestDriver, group: string, name: string): Readonly<Record<string, number | string>> {
  const found = driver.metrics().filter((metric) => metric.group === group && metric.name === name)
  return Object.fromEntries(found.map((metric) => [Object.values(metric.tags).at(-1)!, metric.value()]))
}

test('values are those of Java', () => {
  const driver = run('TRACE')
  // As recorded from Java, but for the null key, which it counts as -1 bytes.
  expect(values(driver, 'stream-topic-metrics', 'bytes-consumed-total')).toMatchObject({ words: 137 })
  expect(values(driver, 'stream-topic-metrics', 'records-consumed-total')).toMatchObject({ words: 5, t: 0 })
  expect(values(driver, 'stream-topic-metrics', 'records-produced-total')).toMatchObject({ 'counts-out': 5 })
  const node = 'stream-processor-node-metrics'
  expect(values(driver, node, 'process-total')).toMatchObject({ 'KSTREAM-SOURCE-0000000000': 5 })
  expect(values(driver, node, 'record-e2e-latency-min')).toMatchObject({ 'KSTREAM-SOURCE-0000000000': 499 })
  expect(values(driver, node, 'record-e2e-latency-max')).toMatchObject({ 'KSTREAM-SINK-0000000007': 10_100 })
  expect(values(driver, node, 'record-e2e-latency-avg')).toMatchObject({ 'KSTREAM-SINK-0000000007': 2619.4 })
  expect(values(driver, node, 'suppression-emit-total')).toEqual({ sup: 2 })
  expect(values(driver, node, 'process-rate')).toMatchObject({ 'KSTREAM-SOURCE-0000000000': 0.125 })
  expect(values(driver, 'stream-task-metrics', 'process-total')).toMatchObject({ '0_0': 10 })
  driver.close()
})

test('below its level a figure is there and says nothing', () => {
  const driver = run('INFO')
  const unrecorded = driver.metrics().filter(({ isRecorded }) => !isRecorded)
  expect(unrecorded.length).toBeGreaterThan(100)
  expect(names(driver.metrics())).toEqual(javaNames(java.driver))
  const silent = unrecorded.filter(({ value }) => value() === 0 || Number.isNaN(value()))
  expect(unrecorded.filter((metric) => !silent.includes(metric))).toEqual([])
  expect(values(driver, 'stream-topic-metrics', 'records-consumed-total')).toMatchObject({ words: 5 })
  driver.close()
})

test('drops are counted by node and reason, and once in all', () => {
  const driver = run('INFO')
  const reasons = driver
    .metrics()
    .filter(({ name }) => name === 'dropped-records-by-reason-total')
    .map(({ tags, value }) => [tags['processor-node-id'], tags['reason'], value()])
  expect(reasons).toContainEqual(['KSTREAM-AGGREGATE-0000000008', 'null-key', 1])
  expect(reasons).toContainEqual(['KSTREAM-AGGREGATE-0000000008', 'window-closed', 1])
  const all = values(driver, 'stream-task-metrics', 'dropped-records-total')['0_0']
  expect(reasons.reduce((sum, [, , count]) => sum + Number(count), 0)).toBe(all)
  driver.close()
})

test('rates and averages forget what is older than two windows of 30 s', () => {
  const driver = run('INFO')
  const latency = () => values(driver, 'stream-processor-node-metrics', 'record-e2e-latency-max')
  expect(latency()['KSTREAM-SOURCE-0000000000']).toBe(10_100)
  driver.advanceWallClockTime(30_000)
  expect(latency()['KSTREAM-SOURCE-0000000000']).toBe(10_100)
  driver.advanceWallClockTime(30_000)
  expect(latency()['KSTREAM-SOURCE-0000000000']).toBeNaN()
  driver.close()
})
