import { Serdes, topic } from '@millrace/serdes'
import { describe, expect, test } from 'vitest'
import {
  JoinWindows,
  SessionWindows,
  Stores,
  StreamsBuilder,
  type StreamsProperties,
  silentLogger,
  TimeWindows,
} from '../../src/index.ts'

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const other = topic('other', { key: Serdes.string(), value: Serdes.string() })
const properties = { logger: silentLogger }

function internalTopics(builder: StreamsBuilder, more = {}) {
  const { subtopologies } = builder.build({ ...properties, ...more }).plan('app')
  return Object.fromEntries(
    subtopologies
      .flatMap(({ changelogTopics, repartitionSourceTopics }) => [...changelogTopics, ...repartitionSourceTopics])
      .map(({ name, partitions, configs }) => [name, { partitions, ...configs }]),
  )
}

describe('internal topics', () => {
  test('a repartition topic is kept until its records have been deleted', () => {
    const builder = new StreamsBuilder()
    builder.stream(words).repartition({ name: 'by-word', numberOfPartitions: 7, keySerde: Serdes.string() }).to('out')
    expect(internalTopics(builder)).toEqual({
      'app-by-word-repartition': {
        partitions: 7,
        'cleanup.policy': 'delete',
        'message.timestamp.type': 'CreateTime',
        'retention.ms': '-1',
        'segment.bytes': '52428800',
      },
    })
  })

  test('changelogs have the clean-up of their kind of store', () => {
    const builder = new StreamsBuilder()
    const grouped = builder.stream(words).groupByKey()
    grouped.count({ storeName: 'plain' })
    grouped.windowedBy(TimeWindows.ofSizeAndGrace(1000, 500)).count({ storeName: 'windows' })
    grouped
      .windowedBy(SessionWindows.ofInactivityGapWithNoGrace(2000))
      .count({ storeName: 'sessions', retentionMs: 9000, logging: { 'min.insync.replicas': '2' } })
    builder.table(other, {
      storeSupplier: Stores.persistentVersionedKeyValueStore('versions', 700),
    })
    const topics = internalTopics(builder, { 'windowstore.changelog.additional.retention.ms': 10 })
    expect(topics['app-plain-changelog']).toMatchObject({ 'cleanup.policy': 'compact' })
    expect(topics['app-windows-changelog']).toMatchObject({
      'cleanup.policy': 'compact,delete',
      'retention.ms': '1510',
    })
    expect(topics['app-sessions-changelog']).toMatchObject({ 'retention.ms': '9010', 'min.insync.replicas': '2' })
    expect(topics['app-versions-changelog']).toMatchObject({
      'cleanup.policy': 'compact',
      'min.compaction.lag.ms': String(700 + 24 * 60 * 60 * 1000),
    })
  })

  test('what the user sets comes before the defaults, and topic.* between', () => {
    const builder = new StreamsBuilder()
    builder
      .stream(words)
      .groupByKey()
      .count({ storeName: 's', logging: { 'retention.bytes': '5' } })
    const topics = internalTopics(builder, { 'topic.retention.bytes': 9, 'topic.cleanup.policy': 'delete' })
    expect(topics['app-s-changelog']).toMatchObject({ 'retention.bytes': '5', 'cleanup.policy': 'delete' })
  })

  test('records of a stream-stream join are not compacted; unmatched ones are', () => {
    const builder = new StreamsBuilder()
    const windows = JoinWindows.ofTimeDifferenceAndGrace(10, 5)
    builder
      .stream(words)
      .leftJoin(builder.stream(other), (left, right) => `${left}${right}`, windows, { storeName: 'j' })
      .to('out', { valueSerde: Serdes.string() })
    const topics = internalTopics(builder, { 'windowstore.changelog.additional.retention.ms': 0 })
    expect(topics['app-j-this-join-store-changelog']).toMatchObject({
      'cleanup.policy': 'delete',
      'retention.ms': '25',
    })
    expect(topics['app-j-outer-other-join-store-changelog']).toMatchObject({ 'cleanup.policy': 'delete' })
    expect(topics['app-j-left-shared-join-store-changelog']).toMatchObject({ 'cleanup.policy': 'compact' })
  })

  test('a store without logging has no changelog', () => {
    const builder = new StreamsBuilder()
    builder.stream(words).groupByKey().count({ storeName: 's', logging: false })
    expect(internalTopics(builder)).toEqual({})
  })
})

test('full names are in the plan, with children in the order of addition', () => {
  const builder = new StreamsBuilder(properties)
  const stream = builder.stream(words)
  stream.groupBy((word) => word, { keySerde: Serdes.string() }).count({ storeName: 'counts' })
  stream.to('copies')
  const plan = builder.build().plan('app')
  expect(plan.subtopologies.map(({ sourceTopics }) => sourceTopics)).toEqual([['words'], ['app-counts-repartition']])
  expect(plan.subtopologies[0]!.repartitionSinkTopics).toEqual(['app-counts-repartition'])
  expect(plan.subtopologies[0]!.topology.nodes[0]).toMatchObject({
    kind: 'source',
    children: ['KSTREAM-KEY-SELECT-0000000001', 'KSTREAM-SINK-0000000006'],
  })
  expect(plan.subtopologies[1]!.topology.changelogTopics).toEqual(new Map([['counts', 'app-counts-changelog']]))
  expect(plan.whole.nodes.map(({ name }) => name)).toHaveLength(7)
  expect(plan.global).toBeUndefined()
})

test('what is joined is co-partitioned, by full names', () => {
  const builder = new StreamsBuilder(properties)
  builder
    .stream(words)
    .selectKey((word) => word)
    .join(builder.table(other), (left, right) => left + right, { keySerde: Serdes.string(), name: 'j' })
    .to('out', { valueSerde: Serdes.string() })
  const groups = builder
    .build()
    .plan('app')
    .subtopologies.flatMap(({ copartitionGroups }) => copartitionGroups)
  expect(groups.map((group) => [...group].sort())).toEqual([['app-j-repartition', 'other']])
})

test('a global table is apart from the tasks', () => {
  const builder = new StreamsBuilder(properties)
  const table = builder.globalTable(other, { storeName: 'g' })
  builder
    .stream(words)
    .join(
      table,
      (word) => word,
      (left, right) => left + right,
    )
    .to('out', { valueSerde: Serdes.string() })
  const plan = builder.build().plan('app')
  expect(plan.subtopologies).toHaveLength(1)
  expect(plan.subtopologies[0]!.topology.globalStoreNames).toEqual(['g'])
  expect(plan.global!.stores.map(({ name, loggingEnabled }) => [name, loggingEnabled])).toEqual([['g', false]])
  expect(plan.whole.nodes.some(({ name }) => name.startsWith('KTABLE-SOURCE'))).toBe(false)
})

describe('the configuration decides', () => {
  const builder = new StreamsBuilder(properties)
  builder.stream(words).groupByKey().count({ storeName: 'counts' })
  const topology = builder.build()
  const storeOf = (more: StreamsProperties) => topology.plan('app', more).whole.stores[0]!

  test('whether stores have caches', () => {
    expect(storeOf({}).cachingEnabled).toBe(true)
    expect(storeOf({ 'statestore.cache.max.bytes': 0 }).cachingEnabled).toBe(false)
  })

  test('the kind of store, also one of your own', () => {
    expect(storeOf({}).build().persistent).toBe(true)
    expect(storeOf({ 'default.dsl.store': 'in_memory' }).build().persistent).toBe(false)
    const asked: string[] = []
    const mine = {
      keyValueStore({ name }: { name: string }) {
        asked.push(name)
        return Stores.inMemoryKeyValueStore(name)
      },
    }
    expect(storeOf({ 'dsl.store.suppliers.class': mine }).build().persistent).toBe(false)
    expect(asked).toEqual(['counts'])
  })
})

test('a table that reuses its topic has no other changelog', () => {
  const builder = new StreamsBuilder(properties)
  builder.table(words, { storeName: 't' })
  const plan = builder.build({ 'topology.optimization': 'all' }).plan('app')
  expect(plan.subtopologies[0]!.changelogTopics).toEqual([])
  expect(plan.whole.changelogTopics).toEqual(new Map([['t', 'words']]))
  expect(plan.whole.stores[0]!.loggingEnabled).toBe(false)
})
