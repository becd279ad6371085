import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { readPartition } from '../integration/reading.ts'
import { countTopology, createTopics, expectedCounts, produceWords, readCounts, until } from '../integration/words.ts'

const changelog = 'counting-counts-changelog'

let folder: string
let log: LogEngine
let warnings: string[]
/** What the last run restored. */
let restored: { readonly from: number; count: number }[]

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(log, 1)
})

afterEach(async () => {
  await log.close()
  rmSync(folder, { recursive: true, force: true })
})

/** Runs the application until so many counts are there, and closes it. */
async function run(persistent: boolean, rows: number, settings: { readonly [key: string]: unknown } = {}) {
  warnings = []
  restored = []
  const streams = new KafkaStreams(
    countTopology(persistent),
    {
      'application.id': 'counting',
      'commit.interval.ms': 5,
      'poll.ms': 5,
      'state.dir': join(folder, 'state'),
      'state.snapshot.dir': join(folder, 'snapshots'),
      'state.snapshot.interval.ms': 0,
      logger: {
        ...silentLogger,
        warn: (message: string, error?: unknown) => void warnings.push(`${message} ${error}`),
      },
      ...settings,
    },
    embeddedClientSupplier(log),
  )
  streams.setGlobalStateRestoreListener({
    onRestoreStart: (_partition, _store, from) => void restored.push({ from, count: 0 }),
    onRestoreEnd: (_partition, _store, total) => {
      restored.at(-1)!.count = total
    },
  })
  await streams.start()
  await until(() => readCounts(log).length >= rows)
  await streams.close()
}

/** Runs without making snapshots, on local state or, when there is none, on the changelog alone. */
const runWithout = (persistent: boolean, rows: number) => run(persistent, rows, { 'state.snapshot.dir': null })

const wipeLocalState = () => rmSync(join(folder, 'state', 'counting', '0_0'), { recursive: true, force: true })

const taskFolder = () => join(folder, 'snapshots', 'counting', '0_0')

/** Numbers of the snapshots, oldest first. */
const numbers = () =>
  readdirSync(taskFolder())
    .map(Number)
    .sort((a, b) => a - b)

/** Where a snapshot stands in the changelog. */
function offsetOf(number: number): number {
  const description = JSON.parse(readFileSync(join(taskFolder(), String(number), 'snapshot.json'), 'utf8'))
  return description.changelogOffsets[0][1].offset
}

const changesFrom = (offset: number) =>
  readPartition(log, changelog, 0).filter((record) => record.offset >= offset).length

/** Two runs with snapshots and one without: at least two snapshots, and a changelog that goes on behind them. */
async function threeRuns(persistent: boolean): Promise<void> {
  produceWords(log, 0, ['a', 'b', 'c'])
  await run(persistent, 3)
  produceWords(log, 0, ['a', 'b'])
  await run(persistent, 5)
  produceWords(log, 0, ['a', 'a'])
  await runWithout(persistent, 7)
  expect(numbers()).toHaveLength(2)
  wipeLocalState()
  produceWords(log, 0, ['a'])
}

function expectAllCounted(): void {
  expect(readCounts(log).sort()).toEqual(expectedCounts(['a', 'a', 'a', 'a', 'a', 'b', 'b', 'c']))
}

describe.each([
  ['persistent', true, 'persistent/CURRENT'],
  ['in memory', false, 'memory/memory.snapshot'],
] as const)('a store %s', (_name, persistent, file) => {
  test('without local state starts from the newest snapshot and reads the tail only', async () => {
    await threeRuns(persistent)
    const from = offsetOf(numbers().at(-1)!)
    const tail = changesFrom(from)
    expect([2, 3, 4]).toContain(tail)
    await run(persistent, 8)
    expect(restored).toEqual([{ from, count: tail }])
    expect(warnings).toEqual([])
    expectAllCounted()
  })

  test('a torn snapshot is skipped with a warning, and the older one is used', async () => {
    await threeRuns(persistent)
    const [older, newer] = numbers()
    const torn = join(taskFolder(), String(newer), file)
    truncateSync(torn, statSync(torn).size - 1)
    const from = offsetOf(older!)
    const tail = changesFrom(from)
    await run(persistent, 8)
    expect(warnings.join()).toMatch(new RegExp(`snapshot ${newer} is skipped.*bytes instead of`))
    expect(restored).toEqual([{ from, count: tail }])
    expectAllCounted()
  })

  test('when all are damaged, the changelog gives everything', async () => {
    await threeRuns(persistent)
    const [older, newer] = numbers()
    rmSync(join(taskFolder(), String(older), 'snapshot.json'))
    const other = join(taskFolder(), String(newer), 'snapshot.json')
    truncateSync(other, 20)
    const all = changesFrom(0)
    await run(persistent, 8)
    expect(warnings).toHaveLength(2)
    expect(restored).toEqual([{ from: 0, count: all }])
    expectAllCounted()
  })

  test('a snapshot from before the start of the changelog is not used, and that is said', async () => {
    await threeRuns(persistent)
    const start = offsetOf(numbers().at(-1)!) + 1
    log.deleteRecords({ topic: changelog, partition: 0 }, start)
    const rest = changesFrom(start)
    await run(persistent, 8)
    expect(warnings.join()).toContain(`was deleted (the log starts at ${start})`)
    expect(restored).toEqual([{ from: start, count: rest }])
  })

  test('a snapshot of a changelog that was made anew is not used', async () => {
    await threeRuns(persistent)
    log.deleteTopic(changelog)
    await run(persistent, 8)
    expect(warnings.join()).toContain('the topic was made anew')
    expect(readCounts(log).at(-1)).toEqual(['a', 1])
  })
})

test('valid local state goes before snapshots', async () => {
  produceWords(log, 0, ['a', 'b', 'c'])
  await run(true, 3)
  produceWords(log, 0, ['a', 'a', 'a', 'a'])
  await runWithout(true, 7)
  produceWords(log, 0, ['a'])
  await run(true, 8)
  expect(restored.map(({ count }) => count).filter((count) => count > 0)).toEqual([])
  expect(readCounts(log).sort()).toEqual(expectedCounts(['a', 'a', 'a', 'a', 'a', 'a', 'b', 'c']))
})

test('the snapshot of another application is skipped, and what a dead process left half made is removed', async () => {
  await threeRuns(true)
  const [older, newer] = numbers()
  for (const number of [older, newer]) {
    const path = join(taskFolder(), String(number), 'snapshot.json')
    writeFileSync(path, readFileSync(path, 'utf8').replace('"counting"', '"another"'))
  }
  const halfMade = join(taskFolder(), `${newer! + 1}.new`)
  mkdirSync(halfMade)
  await run(true, 8)
  expect(warnings.join()).toContain("of application 'another'")
  expect(existsSync(halfMade)).toBe(false)
  expectAllCounted()
})

test('a snapshot folder that cannot be written is reported, and processing goes on', async () => {
  produceWords(log, 0, ['a', 'b'])
  await run(true, 2, { 'state.snapshot.dir': '/dev/null/snapshots' })
  expect(warnings.join()).toContain('could not be made')
  expect(readCounts(log)).toHaveLength(2)
})
