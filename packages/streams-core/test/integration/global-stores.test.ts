import { mkdtempSync, readdirSync, rmSync, truncateSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes, topic } from '@millrace/serdes'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import type { Logger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'

const text = Serdes.string()
const countries = topic('countries', { key: text, value: text })
const capitals = topic('capitals', { key: text, value: text })

let log: LogEngine
let directory: string
let warnings: string[]
/** Records that the global consumer has read. */
let read: number

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  for (const name of ['countries', 'capitals']) log.createTopic({ name, partitions: 2 })
  warnings = []
  read = 0
})

afterEach(async () => {
  await log.close()
  rmSync(directory, { recursive: true, force: true })
})

function countingClients(): KafkaClientSupplier {
  const clients = embeddedClientSupplier(log)
  return {
    ...clients,
    restoreConsumer(options) {
      const consumer = clients.restoreConsumer(options)
      const poll = consumer.poll.bind(consumer)
      consumer.poll = async (timeoutMs) => {
        const polled = await poll(timeoutMs)
        for (const { records } of polled) read += records.length
        return polled
      }
      return consumer
    },
  }
}

async function run(
  storeType: 'rocksDB' | 'in_memory',
  check: (streams: KafkaStreams) => Promise<void> | void,
  settings: StreamsProperties = {},
): Promise<void> {
  const builder = new StreamsBuilder()
  builder.globalTable(countries, { storeName: 'countries' })
  builder.globalTable(capitals, { storeName: 'capitals', storeType })
  const logger: Logger = { info() {}, warn: (message) => warnings.push(message), error() {} }
  const properties = {
    'application.id': 'globals',
    'state.dir': join(directory, 'state'),
    'poll.ms': 5,
    logger,
    ...settings,
  }
  const streams = new KafkaStreams(builder.build(), properties, countingClients())
  await streams.start()
  await check(streams)
  await streams.close()
}

function produce(name: string, from: number, end: number): void {
  for (let i = from; i < end; i += 1) {
    const batch = new RecordBatchBuilder()
    batch.append(1_700_000_000_000, text.serialize(name, `k${i}`)!, text.serialize(name, `v${i}`))
    log.append({ topic: name, partition: i % 2 }, batch.build())
  }
}

const sizeOf = (streams: KafkaStreams, store: string) => [...streams.store<string, string>(store).all()].length

test('persistent global stores read only what is new at the next start', async () => {
  produce('countries', 0, 100)
  produce('capitals', 0, 100)
  await run('rocksDB', (streams) => expect(sizeOf(streams, 'countries')).toBe(100))
  expect(read).toBe(200)
  produce('countries', 50, 105)
  read = 0
  await run('rocksDB', (streams) => {
    expect(read).toBe(55)
    expect([sizeOf(streams, 'countries'), sizeOf(streams, 'capitals')]).toEqual([105, 100])
  })
  expect(warnings).toEqual([])
})

test('what comes while it runs is kept too', async () => {
  await run('rocksDB', async (streams) => {
    produce('countries', 0, 10)
    while (sizeOf(streams, 'countries') < 10) await new Promise((resolve) => setImmediate(resolve))
  })
  read = 0
  await run('rocksDB', (streams) => expect(sizeOf(streams, 'countries')).toBe(10))
  expect(read).toBe(0)
})

test('a global store in memory is filled anew', async () => {
  produce('countries', 0, 10)
  produce('capitals', 0, 10)
  await run('in_memory', () => {})
  read = 0
  await run('in_memory', (streams) => {
    expect([sizeOf(streams, 'countries'), sizeOf(streams, 'capitals')]).toEqual([10, 10])
  })
  expect(read).toBe(10)
})

test('a global store whose topic was made anew is filled anew, and that is said', async () => {
  produce('countries', 0, 10)
  await run('rocksDB', () => {})
  log.deleteTopic('countries')
  log.createTopic({ name: 'countries', partitions: 2 })
  produce('countries', 20, 23)
  await run('rocksDB', (streams) => expect(sizeOf(streams, 'countries')).toBe(3))
  expect(warnings.join()).toMatch(
    /global stores of topic 'countries' are filled anew from countries-0: the topic was made anew/,
  )
})

test('cleanUp removes them', async () => {
  produce('countries', 0, 10)
  await run('rocksDB', () => {})
  const builder = new StreamsBuilder()
  builder.globalTable(countries, { storeName: 'countries' })
  const settings = { 'application.id': 'globals', 'state.dir': join(directory, 'state') }
  new KafkaStreams(builder.build(), settings, embeddedClientSupplier(log)).cleanUp()
  read = 0
  await run('rocksDB', () => {})
  expect(read).toBe(10)
})

describe('with snapshots', () => {
  const snapshots = () => ({ 'state.snapshot.dir': join(directory, 'snapshots'), 'state.snapshot.interval.ms': 0 })
  const folder = () => join(directory, 'snapshots', 'globals', 'global')
  const newest = () =>
    readdirSync(folder())
      .sort((a, b) => Number(a) - Number(b))
      .at(-1)!
  const wipeLocalState = () => rmSync(join(directory, 'state'), { recursive: true, force: true })

  /** A snapshot of 100 countries and capitals, without local state, and 5 more countries. */
  async function prepare(storeType: 'rocksDB' | 'in_memory'): Promise<void> {
    produce('countries', 0, 100)
    produce('capitals', 0, 100)
    await run(storeType, () => {}, snapshots())
    wipeLocalState()
    produce('countries', 100, 105)
    read = 0
  }

  test.each(['rocksDB', 'in_memory'] as const)(
    'global stores (one of them %s) without local state start from the newest one and read the tail only',
    async (storeType) => {
      await prepare(storeType)
      await run(
        storeType,
        (streams) => {
          expect(read).toBe(5)
          expect([sizeOf(streams, 'countries'), sizeOf(streams, 'capitals')]).toEqual([105, 100])
        },
        snapshots(),
      )
      expect(warnings).toEqual([])
    },
  )

  test('a global store in memory starts from one beside persistent ones that have local state', async () => {
    produce('countries', 0, 100)
    produce('capitals', 0, 100)
    await run('in_memory', () => {}, snapshots())
    produce('capitals', 100, 103)
    await run('in_memory', () => {})
    read = 0
    await run('in_memory', (streams) => expect(sizeOf(streams, 'capitals')).toBe(103), snapshots())
    expect(read).toBe(3)
  })

  test('a damaged one is passed over with a warning, and the topics give everything', async () => {
    await prepare('rocksDB')
    for (const name of readdirSync(folder())) truncateSync(join(folder(), name, 'snapshot.json'), 20)
    await run('rocksDB', (streams) => expect(sizeOf(streams, 'countries')).toBe(105), snapshots())
    expect(read).toBe(205)
    expect(warnings.join()).toMatch(/Task global: snapshot \d+ is skipped/)
  })

  test('one of a topic that was made anew is not used, and that is said', async () => {
    await prepare('rocksDB')
    log.deleteTopic('countries')
    log.createTopic({ name: 'countries', partitions: 2 })
    produce('countries', 20, 23)
    await run('rocksDB', (streams) => expect(sizeOf(streams, 'countries')).toBe(3), snapshots())
    expect(warnings.join()).toMatch(/snapshot \d+ is not used: countries-0: the topic was made anew/)
  })

  test('two instances with one folder both make and use them', async () => {
    await prepare('in_memory')
    const before = newest()
    await run(
      'in_memory',
      () =>
        run(
          'in_memory',
          (streams) => {
            expect(read).toBe(10)
            expect(sizeOf(streams, 'countries')).toBe(105)
          },
          { ...snapshots(), 'state.dir': join(directory, 'other-state') },
        ),
      snapshots(),
    )
    expect(Number(newest())).toBeGreaterThan(Number(before))
    expect(readdirSync(folder()).every((name) => /^\d+$/.test(name))).toBe(true)
  })
})
