import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Headers, Serdes } from '@millrace/serdes'
import { afterAll, expect, test } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import type { Topology } from '../../src/topology.ts'

// Word count with a repartition topic, a store and exactly-once, over any clients that can share a log.

const string = Serdes.string()
const int64 = Serdes.int64()
const partitions = 3

interface Names {
  readonly application: string
  readonly lines: string
  readonly counts: string
}

function wordCount({ lines, counts }: Names): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream(lines, { keySerde: string, valueSerde: string })
    .flatMapValues((line) => line.split(' '))
    .groupBy((word) => word, { keySerde: string, valueSerde: string, name: 'by-word' })
    .count({ storeName: 'counts', storeType: 'in_memory' })
    .toStream()
    .to(counts, { keySerde: string, valueSerde: int64 })
  return builder.build()
}

/** Declares the tests. `clients` makes new clients of the same log; `uniqueName` names that no earlier run has used. */
export function wordCountTests(clients: () => KafkaClientSupplier, uniqueName: (prefix: string) => string): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  async function scene(): Promise<Names> {
    const names = { application: uniqueName('app'), lines: uniqueName('lines'), counts: uniqueName('counts') }
    const admin = clients().admin()
    for (const name of [names.lines, names.counts]) await admin.createTopics([{ name, partitions, configs: {} }])
    await admin.close()
    return names
  }

  function application(names: Names, instance: string, overrides: StreamsProperties = {}): KafkaStreams {
    const properties = {
      'application.id': names.application,
      'processing.guarantee': 'exactly_once_v2',
      'commit.interval.ms': 20,
      'statestore.cache.max.bytes': 0,
      'state.dir': join(folder, instance),
      logger: silentLogger,
      ...overrides,
    } as const
    return new KafkaStreams(wordCount(names), properties, clients())
  }

  test('counts go on after a restart without local state', async () => {
    const names = await scene()
    await produce(clients(), names.lines, 0, 300)
    for (const [instance, total] of [
      ['first', 300],
      ['second', 500],
    ] as const) {
      const streams = application(names, instance)
      await streams.start()
      expect(streams.state()).toBe('RUNNING')
      if (total > 300) await produce(clients(), names.lines, 300, total)
      expectNoGaps(await readCounts(clients(), names.counts, total * 2), total)
      await streams.close()
    }
  })

  test('two instances share the work; what one leaves the other takes over, and nothing is counted twice', async () => {
    const names = await scene()
    const [one, two] = [application(names, 'one'), application(names, 'two')]
    await one.start()
    await produce(clients(), names.lines, 0, 200)
    await two.start()
    const shares = () =>
      [one, two].map((streams) => streams.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks).length)
    await until(() => shares().every((share) => share > 0) && shares()[0]! + shares()[1]! === 2 * partitions)
    await produce(clients(), names.lines, 200, 400)
    await one.close()
    await produce(clients(), names.lines, 400, 600)
    expectNoGaps(await readCounts(clients(), names.counts, 1200), 600)
    expect(two.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks)).toHaveLength(2 * partitions)
    await two.close()
  })

  test('at least once gives all results too', async () => {
    const names = await scene()
    await produce(clients(), names.lines, 0, 100)
    const streams = application(names, 'alos', { 'processing.guarantee': 'at_least_once' })
    await streams.start()
    expectNoGaps(await readCounts(clients(), names.counts, 200), 100)
    await streams.close()
  })
}

const words = ['to', 'be', 'or', 'not', 'that', 'is', 'the']

/** Line `i` has two words. */
function lineOf(i: number): string {
  return `${words[i % words.length]} ${words[(i * 3 + 1) % words.length]}`
}

async function produce(clients: KafkaClientSupplier, topic: string, from: number, to: number): Promise<void> {
  const producer = clients.producer({ clientId: 'lines', transactionalId: undefined, transactionTimeoutMs: 10_000 })
  for (let i = from; i < to; i += 1) {
    producer.send(topic, i % partitions, null, string.serialize(topic, lineOf(i)), 1_700_000_000_000 + i, Headers.empty)
  }
  await producer.flush()
  await producer.close()
}

/** The committed rows of the topic, as soon as there are so many. */
async function readCounts(clients: KafkaClientSupplier, topic: string, count: number): Promise<[string, number][]> {
  const consumer = clients.restoreConsumer({ clientId: 'counts', isolation: 'read_committed' })
  const inputs = Array.from({ length: partitions }, (_, partition) => ({ topic, partition }))
  consumer.assign(inputs)
  consumer.seekToBeginning(inputs)
  const rows: [string, number][] = []
  for (let idle = 0; rows.length < count && idle < 300; ) {
    const polled = await consumer.poll(50)
    idle = polled.length === 0 ? idle + 1 : 0
    for (const { records } of polled) {
      for (const { key, value } of records) {
        rows.push([string.deserialize(topic, key)!, int64.deserialize(topic, value)!])
      }
    }
  }
  await consumer.close()
  return rows
}

/** Per word 1, 2, 3, … up to how often it is in the lines. */
function expectNoGaps(rows: readonly [string, number][], lines: number): void {
  const expected = new Map<string, number>()
  for (let i = 0; i < lines; i += 1) {
    for (const word of lineOf(i).split(' ')) expected.set(word, (expected.get(word) ?? 0) + 1)
  }
  for (const [word, total] of expected) {
    const counts = rows.flatMap(([key, count]) => (key === word ? [count] : []))
    expect([word, counts]).toEqual([word, Array.from({ length: total }, (_, i) => i + 1)])
  }
}

async function until(condition: () => boolean): Promise<void> {
  for (let turn = 0; !condition(); turn += 1) {
    if (turn > 300_000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}
