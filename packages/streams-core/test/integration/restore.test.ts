import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { levelEngine, type StateEngine } from '@millrace/state-stores'
import { afterAll, beforeEach, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams, type KafkaStreamsOptions } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import { systemTime } from '../../src/time.ts'
import type { PlannedTopology } from '../../src/topology/processor-topology.ts'
import { countTopology, createTopics, expectedCounts, produceWords, readCounts, until } from './words.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

let applications = 0
let applicationId: string
let warnings: string[]
let restored: { readonly store: string; readonly from: number; count: number }[]

beforeEach(() => {
  applications += 1
  applicationId = `restore-${applications}`
})

/** Runs the application until so many counts are there, and closes it. */
async function run(
  engine: LogEngine,
  topology: PlannedTopology,
  rows: number,
  options: KafkaStreamsOptions = {},
): Promise<void> {
  warnings = []
  restored = []
  const streams = new KafkaStreams(
    topology,
    {
      'application.id': applicationId,
      'commit.interval.ms': 5,
      'poll.ms': 5,
      'state.dir': stateDir,
      logger: { ...silentLogger, warn: (message: string) => void warnings.push(message) },
    },
    embeddedClientSupplier(engine),
    options,
  )
  streams.setGlobalStateRestoreListener({
    onRestoreStart: (_partition, store, from) => void restored.push({ store, from, count: 0 }),
    onRestoreEnd: (_partition, store, total) => {
      restored.find((entry) => entry.store === store)!.count = total
    },
  })
  await streams.start()
  await until(() => readCounts(engine).length >= rows)
  await streams.close()
}

async function openEngine(): Promise<LogEngine> {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, 1)
  return engine
}

/** Engines whose commits are lost from a moment on, as if the process had been killed before them. */
function losingEngines(isLost: () => boolean) {
  return async (directory: string, identity: Readonly<{ [name: string]: string }>): Promise<StateEngine> => {
    const engine = await levelEngine(directory, { identity })
    const commit = engine.commit.bind(engine)
    engine.commit = (what) => (isLost() ? Promise.resolve() : commit(what))
    return engine
  }
}

test('a store batch that was lost after its transaction is made good from the tail of the changelog', async () => {
  const engine = await openEngine()
  produceWords(engine, 0, ['a', 'b', 'c'])
  await run(engine, countTopology(true), 3)
  produceWords(engine, 0, ['a', 'a'])
  await run(engine, countTopology(true), 5, { stateEngine: losingEngines(() => true) })
  produceWords(engine, 0, ['a'])
  await run(engine, countTopology(true), 6)
  expect(restored).toHaveLength(1)
  expect(restored[0]!.from).toBeGreaterThanOrEqual(3)
  expect(restored[0]!.count).toBe(2)
  expect(readCounts(engine).sort()).toEqual(expectedCounts(['a', 'a', 'a', 'a', 'b', 'c']))
  await engine.close()
})

test('a store whose changelog was made anew is rebuilt, and that is said', async () => {
  const engine = await openEngine()
  produceWords(engine, 0, ['a', 'b'])
  await run(engine, countTopology(true), 2)
  engine.deleteTopic(`${applicationId}-counts-changelog`)
  produceWords(engine, 0, ['a'])
  await run(engine, countTopology(true), 3)
  expect(warnings.join()).toContain("store 'counts' is rebuilt")
  expect(readCounts(engine).at(-1)).toEqual(['a', 1])
  await engine.close()
})

test('a store older than the changelog remembers deletions is rebuilt', async () => {
  const engine = await openEngine()
  produceWords(engine, 0, ['a', 'b'])
  await run(engine, countTopology(true), 2)
  produceWords(engine, 0, ['a'])
  const twoDays = 2 * 86_400_000
  await run(engine, countTopology(true), 3, { time: { ...systemTime, now: () => systemTime.now() + twoDays } })
  expect(warnings.join()).toContain('deletions may be forgotten')
  expect(restored).toEqual([{ store: 'counts', from: 0, count: 2 }])
  expect(readCounts(engine).at(-1)).toEqual(['a', 2])
  await engine.close()
})

test('a store without changelog that is not where the committed offsets are starts empty, and that is said', async () => {
  const engine = await openEngine()
  const topology = () => {
    const builder = new StreamsBuilder()
    builder
      .stream('words', { keySerde: Serdes.string(), valueSerde: Serdes.string() })
      .selectKey((word) => word)
      .repartition({ name: 'words', keySerde: Serdes.string(), valueSerde: Serdes.string() })
      .groupByKey()
      .count({ storeName: 'counts', logging: false, valueSerde: Serdes.json<number>() })
      .toStream()
      .to('counts-out')
    return builder.build()
  }
  produceWords(engine, 0, ['a', 'b'])
  await run(engine, topology(), 2)
  produceWords(engine, 0, ['a'])
  await run(engine, topology(), 3)
  expect(readCounts(engine).at(-1)).toEqual(['a', 2])
  produceWords(engine, 0, ['a'])
  await run(engine, topology(), 4, { stateEngine: losingEngines(() => true) })
  produceWords(engine, 0, ['a'])
  await run(engine, topology(), 5)
  expect(warnings.join()).toContain("store 'counts' has no changelog")
  expect(readCounts(engine).at(-1)).toEqual(['a', 1])
  await engine.close()
})

test('a database that cannot be read is removed and restored', async () => {
  const engine = await openEngine()
  produceWords(engine, 0, ['a', 'b'])
  await run(engine, countTopology(true), 2)
  const directory = join(stateDir, applicationId, '0_0')
  for (const name of readdirSync(directory)) {
    if (/^MANIFEST|\.ldb$|\.log$/.test(name)) writeFileSync(join(directory, name), 'garbage')
  }
  produceWords(engine, 0, ['a'])
  await run(engine, countTopology(true), 3)
  expect(warnings.join()).toContain('is removed and restored')
  expect(readCounts(engine).at(-1)).toEqual(['a', 2])
  await engine.close()
})
