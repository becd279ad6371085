import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitionForKey, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes, topic } from '@millrace/serdes'
import { afterAll, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import type { PlannedTopology } from '../../src/topology/processor-topology.ts'
import { readTopic } from './reading.ts'
import { until } from './words.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

const text = { key: Serdes.string(), value: Serdes.string() }
const orders = topic('orders', text)
const users = topic('users', text)
const countries = topic('countries', text)
const enriched = topic('enriched', text)

/** `[key, value, timestamp]` into the partitions that the keys belong to. */
function produce(engine: LogEngine, name: string, rows: readonly (readonly [string, string | null, number])[]): void {
  const count = engine.describeTopic(name)!.partitions
  for (const [key, value, timestamp] of rows) {
    const keyBytes = text.key.serialize(name, key)!
    const builder = new RecordBatchBuilder()
    builder.append(timestamp, keyBytes, text.value.serialize(name, value))
    engine.append({ topic: name, partition: partitionForKey(keyBytes, count) }, builder.build())
  }
}

function read(engine: LogEngine, name: string): [string, string][] {
  return readTopic(engine, name).map(({ key, value }) => [
    text.key.deserialize(name, key)!,
    text.value.deserialize(name, value)!,
  ])
}

async function openEngine(): Promise<LogEngine> {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  for (const name of ['orders', 'users', 'countries', 'enriched']) engine.createTopic({ name, partitions: 3 })
  return engine
}

async function run(
  engine: LogEngine,
  topology: PlannedTopology,
  properties: StreamsProperties,
  done: () => boolean,
): Promise<void> {
  const streams = new KafkaStreams(
    topology,
    { 'commit.interval.ms': 5, 'poll.ms': 5, 'state.dir': stateDir, logger: silentLogger, ...properties },
    embeddedClientSupplier(engine),
  )
  await streams.start()
  await until(done)
  await streams.close()
}

const ids = Array.from({ length: 40 }, (_, index) => `u${index}`)

test('a stream joins a table by timestamps, whichever topic is read first (KIP-695)', async () => {
  const engine = await openEngine()
  produce(
    engine,
    'orders',
    ids.map((id, index) => [id, `order ${index}`, 1000 + index]),
  )
  produce(
    engine,
    'users',
    ids.map((id) => [id, `name of ${id}`, 10]),
  )
  produce(
    engine,
    'users',
    ids.map((id) => [id, `late name of ${id}`, 5000]),
  )
  const builder = new StreamsBuilder()
  builder
    .stream(orders)
    .join(builder.table(users, { storeName: 'users' }), (order, user) => `${order} by ${user}`)
    .to(enriched)
  await run(engine, builder.build(), { 'application.id': 'table-join' }, () => read(engine, 'enriched').length === 40)
  expect(read(engine, 'enriched').sort()).toEqual(
    ids.map((id, index) => [id, `order ${index} by name of ${id}`]).sort(),
  )
  await engine.close()
})

test('a global table is complete before the first record, and joined by any key', async () => {
  const engine = await openEngine()
  produce(engine, 'countries', [
    ['fr', 'France', 1],
    ['de', 'Germany', 1],
    ['it', 'Italy', 1],
  ])
  produce(
    engine,
    'orders',
    ids.map((id, index) => [id, ['fr', 'de', 'it'][index % 3]!, 0]),
  )
  const builder = new StreamsBuilder()
  builder
    .stream(orders)
    .join(
      builder.globalTable(countries),
      (country) => country,
      (_code, name) => name,
    )
    .to(enriched)
  await run(engine, builder.build(), { 'application.id': 'global-join' }, () => read(engine, 'enriched').length === 40)
  expect(
    read(engine, 'enriched').every(([id, name]) => name === ['France', 'Germany', 'Italy'][Number(id.slice(1)) % 3]),
  ).toBe(true)
  await engine.close()
})

test('processed records are purged from the repartition topic', async () => {
  const engine = await openEngine()
  produce(
    engine,
    'orders',
    ids.map((id) => [id, id.slice(-1), 0]),
  )
  const builder = new StreamsBuilder()
  builder
    .stream(orders)
    .selectKey((value) => value)
    .repartition({ name: 'by-digit', keySerde: text.key, valueSerde: text.value })
    .to(enriched)
  const repartition = 'purge-by-digit-repartition'
  const firstOffsets = () =>
    [0, 1, 2].map((partition) => engine.listOffset({ topic: repartition, partition }, 'earliest').offset)
  await run(
    engine,
    builder.build(),
    { 'application.id': 'purge', 'repartition.purge.interval.ms': 0 },
    () => read(engine, 'enriched').length === 40 && firstOffsets().some((offset) => offset > 0),
  )
  expect(engine.describeTopic(repartition)!.partitions).toBe(3)
  await engine.close()
})

test('a table that reuses its source topic is restored from it, up to the committed offset', async () => {
  const engine = await openEngine()
  const topology = (): PlannedTopology => {
    const builder = new StreamsBuilder({ 'topology.optimization': 'all' })
    builder
      .stream(orders)
      .join(builder.table(users, { storeName: 'users-store' }), (order, user) => `${order} by ${user}`)
      .to(enriched)
    return builder.build()
  }
  const properties = {
    'application.id': 'reuse',
    'topology.optimization': 'all',
    'default.dsl.store': 'in_memory',
  } as const
  produce(engine, 'users', [['a', 'Ann', 0]])
  produce(engine, 'orders', [['a', 'first', 1]])
  await run(engine, topology(), properties, () => read(engine, 'enriched').length === 1)
  produce(engine, 'orders', [['a', 'second', 2]])
  produce(engine, 'users', [['a', 'Anna', 3]])
  produce(engine, 'orders', [['a', 'third', 4]])
  await run(engine, topology(), properties, () => read(engine, 'enriched').length === 3)
  expect(read(engine, 'enriched')).toEqual([
    ['a', 'first by Ann'],
    ['a', 'second by Ann'],
    ['a', 'third by Anna'],
  ])
  expect(engine.describeTopic('reuse-users-store-changelog')).toBeUndefined()
  await engine.close()
})

test('a pattern reads all topics whose whole name it matches', async () => {
  const engine = await openEngine()
  engine.createTopic({ name: 'shop-1', partitions: 1 })
  engine.createTopic({ name: 'shop-2', partitions: 2 })
  produce(engine, 'shop-1', [['a', 'one', 0]])
  produce(engine, 'shop-2', [['b', 'two', 0]])
  const builder = new StreamsBuilder()
  builder.stream(/shop-\d/, { keySerde: text.key, valueSerde: text.value }).to(enriched)
  await run(engine, builder.build(), { 'application.id': 'pattern' }, () => read(engine, 'enriched').length === 2)
  expect(read(engine, 'enriched').sort()).toEqual([
    ['a', 'one'],
    ['b', 'two'],
  ])
  await engine.close()
})
