import { Serdes } from '@millrace/serdes'
import { expect, test } from 'vitest'
import { StreamsConfigError } from '../src/errors.ts'
import { silentLogger } from '../src/logger.ts'
import { parseStreamsConfig, settings } from '../src/streams-config.ts'

test('defaults depend on the mode: standalone is exactly-once and commits every 100 ms', () => {
  const standalone = parseStreamsConfig({})
  expect([standalone.processingGuarantee, standalone.commitIntervalMs]).toEqual(['exactly_once_v2', 100])
  const cluster = parseStreamsConfig({ mode: 'cluster' })
  expect([cluster.processingGuarantee, cluster.commitIntervalMs]).toEqual(['at_least_once', 30_000])
  expect(standalone.stateDir).toBe('.millrace/state')
})

test('numbers and booleans may come as text', () => {
  const config = parseStreamsConfig({ 'commit.interval.ms': '5' as never, 'java.quirks': 'true' as never })
  expect([config.commitIntervalMs, config.javaQuirks]).toEqual([5, true])
})

test('a wrong value is an error that names the key, the value and what is allowed', () => {
  const wrong = { 'commit.interval.ms': -1, 'processing.guarantee': 'twice', 'default.key.serde': 'string' } as const
  for (const [key, value] of Object.entries(wrong)) {
    expect(() => parseStreamsConfig({ [key]: value })).toThrow(StreamsConfigError)
    expect(() => parseStreamsConfig({ [key]: value })).toThrow(`'${key}' is`)
  }
  expect(parseStreamsConfig({ 'default.key.serde': Serdes.string() }).defaultKeySerde).toBe(Serdes.string())
})

test('unknown keys cause a warning, clients’ keys do not', () => {
  const warnings: string[] = []
  const logger = { ...silentLogger, warn: (message: string) => void warnings.push(message) }
  parseStreamsConfig({ logger, 'comit.interval.ms': 5, 'consumer.max.poll.records': 5 })
  expect(warnings).toEqual([
    "Unknown setting 'comit.interval.ms' is kept for appConfigs() and otherwise ignored. Did you mean 'commit.interval.ms'?",
  ])
})

test('optimisations: none, all, or a list', () => {
  const optimizations = (text: string) => [
    ...parseStreamsConfig({ 'topology.optimization': text }).topologyOptimization,
  ]
  expect(optimizations('none')).toEqual([])
  expect(optimizations('all')).toHaveLength(3)
  expect(optimizations('single.store.self.join, merge.repartition.topics')).toEqual([
    'single.store.self.join',
    'merge.repartition.topics',
  ])
})

test('every setting has a dotted or plain name of its own and a text', () => {
  const all = Object.values(settings)
  expect(new Set(all.map(({ key }) => key)).size).toBe(all.length)
  for (const { key, doc } of all) {
    expect(key).toMatch(/^[a-z]+([._][a-z]+)*$/)
    if (key !== 'logger') expect(doc).toMatch(/\.$/)
  }
})
