import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, truncateSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { levelEngine } from '@millrace/state-stores'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { Stores } from '../../src/dsl/stores.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { PlannedTopology } from '../../src/topology/processor-topology.ts'
import { countTopology, createTopics, expectedCounts, produceWords, readCounts, until } from './words.ts'

let stateDir: string
let log: LogEngine
let warnings: string[]

beforeEach(async () => {
  stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
  log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(log, 1)
  warnings = []
})

afterEach(async () => {
  await log.close()
  rmSync(stateDir, { recursive: true, force: true })
})

function application(topology: PlannedTopology, settings: { readonly [key: string]: unknown } = {}): KafkaStreams {
  return new KafkaStreams(
    topology,
    {
      'application.id': 'counting',
      'commit.interval.ms': 5,
      'poll.ms': 5,
      'state.dir': stateDir,
      logger: { ...silentLogger, warn: (message: string) => void warnings.push(message) },
      ...settings,
    },
    embeddedClientSupplier(log),
  )
}

/** Runs the application until so many counts are there, and closes it. */
async function run(topology: PlannedTopology, rows: number, settings = {}): Promise<void> {
  const streams = application(topology, settings)
  await streams.start()
  await until(() => readCounts(log).length >= rows)
  await streams.close()
}

const taskDirectory = () => join(stateDir, 'counting', '0_0')

test('a state directory of another topology is refused, by the names of its stores', async () => {
  produceWords(log, 0, ['a'])
  await run(countTopology(true), 1)
  const builder = new StreamsBuilder()
  const string = Serdes.string()
  builder.stream('words', { keySerde: string, valueSerde: string }).toTable({ storeName: 'latest' })
  await expect(application(builder.build()).start()).rejects.toThrow(
    /0_0 is of another topology: it holds 'counts', and the task now has 'latest'.*state\.dir.*cleanUp/,
  )
})

test('a store more beside those of the state directory is no other topology', async () => {
  produceWords(log, 0, ['a'])
  await run(countTopology(true), 1)
  const more = Stores.keyValueStoreBuilder(Stores.persistentKeyValueStore('more'), Serdes.string(), Serdes.string())
  produceWords(log, 0, ['a'])
  await run(countTopology(true).addStateStore(more, 'count'), 2)
  expect(readCounts(log)).toEqual(expectedCounts(['a', 'a']))
})

test('a second instance on the same state directory is refused', async () => {
  const first = application(countTopology(true))
  await first.start()
  await expect(application(countTopology(true)).start()).rejects.toThrow(/in use by process \d+.*another state\.dir/)
  await first.close()
})

test('a task whose database is open elsewhere is refused', async () => {
  produceWords(log, 0, ['a'])
  await run(countTopology(true), 1)
  const other = await levelEngine(taskDirectory())
  await expect(application(countTopology(true)).start()).rejects.toThrow(/0_0 is in use by another process/)
  await other.close()
})

test('a changelog with fewer partitions than tasks is refused', async () => {
  log.createTopic({ name: 'counting-counts-changelog', partitions: 1 })
  log.deleteTopic('words')
  log.createTopic({ name: 'words', partitions: 3 })
  await expect(application(countTopology(true)).start()).rejects.toThrow(
    /'counting-counts-changelog' has 1 partitions; the topology needs 3/,
  )
})

test('a database with tables that were cut off is rebuilt, and that is said', async () => {
  for (const rows of [1, 2, 3]) {
    produceWords(log, 0, ['a'])
    await run(countTopology(true), rows)
  }
  const tables = readdirSync(taskDirectory()).filter((name) => name.endsWith('.ldb'))
  expect(tables).not.toEqual([])
  for (const name of tables) {
    const path = join(taskDirectory(), name)
    truncateSync(path, Math.floor(statSync(path).size / 2))
  }
  produceWords(log, 0, ['a'])
  await run(countTopology(true), 4)
  expect(warnings.join()).toContain('is removed and restored from the changelogs')
  expect(readCounts(log)).toEqual(expectedCounts(['a', 'a', 'a', 'a']))
})

test.each([
  ['', {}],
  [', not from snapshots, which share its files', { 'state.snapshot.interval.ms': 0 }],
])(
  'a database whose damage shows only when a key is read is rebuilt while the application runs%s',
  async (_, given) => {
    const settings =
      'state.snapshot.interval.ms' in given ? { ...given, 'state.snapshot.dir': `${stateDir}/snapshots` } : {}
    const words = Array.from({ length: 3000 }, (_, i) => `word ${i} ${'x'.repeat(i % 50)}`)
    produceWords(log, 0, words)
    await run(countTopology(true), 3000, settings)
    produceWords(log, 0, ['another'])
    await run(countTopology(true), 3001, settings)
    for (const name of readdirSync(taskDirectory()).filter((file) => file.endsWith('.ldb'))) {
      const path = join(taskDirectory(), name)
      const bytes = readFileSync(path)
      writeFileSync(path, bytes.fill(0xff, bytes.length >> 2, bytes.length >> 1))
    }
    produceWords(log, 0, words)
    await run(countTopology(true), 6001, settings)
    expect(warnings.join()).toMatch(/local state of a task is damaged.*is removed and restored from the changelogs/)
    expect(readCounts(log).sort()).toEqual(expectedCounts(['another', ...words, ...words]).sort())
  },
)
