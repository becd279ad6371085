import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import type { Metric, RecordingLevel } from '../../src/metrics.ts'
import { systemTime, type Time } from '../../src/time.ts'
import { countTopology, createTopics, produceWords, readCounts, until } from './words.ts'

type Names = Readonly<Record<string, Readonly<Record<string, readonly string[]>>>>
const recorded = new URL('../../../testkit/test/metrics/java-metrics.json', import.meta.url)
const java = (JSON.parse(readFileSync(recorded, 'utf8')) as { readonly application: Names }).application

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
let engine: LogEngine

beforeAll(async () => {
  engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, 2)
  produceWords(engine, 0, ['a', 'b', 'a'])
  produceWords(engine, 1, ['x'])
})

afterAll(async () => {
  await engine.close()
  rmSync(stateDir, { recursive: true, force: true })
})

function application(): KafkaStreams {
  const settings = { 'commit.interval.ms': 5, 'poll.ms': 5, 'state.dir': stateDir, logger: silentLogger }
  return new KafkaStreams(
    countTopology(false),
    { 'application.id': 'measured', ...settings },
    embeddedClientSupplier(engine),
  )
}

function sumOf(metrics: readonly Metric[], group: string, name: string): number {
  return metrics
    .filter((metric) => metric.group === group && metric.name === name)
    .reduce((sum, metric) => sum + Number(metric.value()), 0)
}

test('an application has the figures that one of Java has, for itself, its threads and its restoring', async () => {
  const streams = application()
  await streams.start()
  await until(() => readCounts(engine).length === 4)
  const metrics = streams.metrics()
  const found = new Set(
    metrics.map(({ group, name, tags }) => `${group} {${Object.keys(tags).sort().join(' ')}} ${name}`),
  )
  const expected = Object.entries(java).flatMap(([place, levels]) =>
    Object.values(levels).flatMap((names) => names.map((name) => `${place} ${name}`)),
  )
  expect(expected.filter((name) => !found.has(name))).toEqual([])

  const thread = 'stream-thread-metrics'
  expect(sumOf(metrics, thread, 'process-total')).toBe(4)
  expect(sumOf(metrics, thread, 'task-created-total')).toBe(2)
  expect(sumOf(metrics, thread, 'poll-total')).toBeGreaterThan(0)
  expect(metrics.find(({ name, group }) => group === thread && name === 'state')!.value()).toBe('RUNNING')
  expect(sumOf(metrics, 'stream-topic-metrics', 'records-consumed-total')).toBe(4)
  expect(sumOf(metrics, 'stream-metrics', 'alive-stream-threads')).toBe(1)
  const ratios = ['poll', 'process', 'punctuate', 'commit'].map((phase) => sumOf(metrics, thread, `${phase}-ratio`))
  expect(ratios.every((ratio) => ratio >= 0 && ratio <= 1)).toBe(true)
  await until(() => sumOf(streams.metrics(), thread, 'commit-total') > 0)
  await streams.close()
  expect(streams.metrics().filter(({ group }) => group === thread)).toEqual([])
})

test('restored records are counted, and none remain when the application runs', async () => {
  await until(() => readCounts(engine).length === 4)
  const streams = application()
  await streams.start()
  const metrics = streams.metrics()
  expect(sumOf(metrics, 'stream-state-updater-metrics', 'restore-records-rate')).toBeGreaterThan(0)
  expect(sumOf(metrics, 'stream-task-metrics', 'restore-remaining-records-total')).toBe(0)
  await streams.close()
})

test('the lag of a task and of a partition is what is there and not processed', async () => {
  const streams = application()
  await streams.start()
  streams.pause()
  produceWords(engine, 0, ['p', 'q'])
  await until(() => sumOf(streams.metrics(), 'stream-task-metrics', 'records-lag') === 2)
  expect(sumOf(streams.metrics(), 'consumer-fetch-manager-metrics', 'records-lag')).toBe(2)
  streams.resume()
  await until(() => sumOf(streams.metrics(), 'stream-task-metrics', 'records-lag') === 0)
  await streams.close()
})

/** How often the clock for durations is read, which only figures do, per record of an application. */
async function clockReadsPerRecord(level: RecordingLevel): Promise<number> {
  const records = 5_000
  const log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(log, 1)
  produceWords(
    log,
    0,
    Array.from({ length: records }, (_, at) => `word-${at % 100}`),
  )
  let reads = 0
  const time: Time = {
    ...systemTime,
    nanoseconds() {
      reads += 1
      return systemTime.nanoseconds!()
    },
  }
  const settings = { 'state.dir': stateDir, 'metrics.recording.level': level, logger: silentLogger }
  const streams = new KafkaStreams(
    countTopology(false),
    { 'application.id': `clock-${level.toLowerCase()}`, ...settings },
    embeddedClientSupplier(log),
    { time },
  )
  await streams.start()
  await until(() => sumOf(streams.metrics(), 'stream-topic-metrics', 'records-produced-total') >= records)
  const perRecord = reads / records
  await streams.close()
  await log.close()
  return perRecord
}

test('at level INFO the clock is read for batches of records, at level DEBUG for each', async () => {
  expect(await clockReadsPerRecord('INFO')).toBeLessThan(0.5)
  expect(await clockReadsPerRecord('DEBUG')).toBeGreaterThan(2)
})
