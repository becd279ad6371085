import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startBroker } from '@millrace/broker'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { afterAll, afterEach, beforeEach, describe, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import type { StateRestoreListener } from '../../src/runtime/changelog-reader.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import { readPartition } from './reading.ts'
import { countTopology, createTopics, produceWords, readCounts, until } from './words.ts'

// Records are deleted, or topics made anew, before they were read: the positions are not in the log any more.

const words = { topic: 'words', partition: 0 }
const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let log: LogEngine
let broker: Broker
let applications = 0
let warnings: string[]

beforeEach(async () => {
  applications += 1
  warnings = []
  log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  broker = await startBroker({ engine: log })
  createTopics(log, 1)
})

afterEach(async () => {
  await broker.close()
  await log.close()
})

const text = Serdes.string()

/** Each word as it comes. */
function copying() {
  const builder = new StreamsBuilder()
  const serdes = { keySerde: text, valueSerde: text }
  builder.stream<string, string>('words', serdes).to('counts-out', serdes)
  return builder.build()
}

const copied = () => readPartition(log, 'counts-out', 0).map(({ value }) => text.deserialize('counts-out', value))

describe.each([
  ['embedded', true, () => embeddedClientSupplier(log)],
  ['native', false, () => nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 50 })],
] as const)('%s clients', (_name, persistent, clients) => {
  const open = (topology = copying(), properties: StreamsProperties = {}): KafkaStreams =>
    new KafkaStreams(
      topology,
      {
        'application.id': `lost-${applications}`,
        'commit.interval.ms': 5,
        'poll.ms': 5,
        'state.dir': folder,
        logger: { ...silentLogger, warn: (message: string) => void warnings.push(message) },
        ...properties,
      },
      clients(),
    )

  /** Two words are copied and committed, and then more deleted than was read. */
  async function loseThePosition(): Promise<void> {
    produceWords(log, 0, ['word0', 'word1'])
    const streams = open()
    await streams.start()
    await until(() => copied().length === 2)
    await streams.close()
    produceWords(log, 0, ['word2', 'word3', 'word4', 'word5'])
    log.deleteRecords(words, 4)
  }

  test('by default reading goes on at the start of the log, and that is said', async () => {
    await loseThePosition()
    const streams = open()
    await streams.start()
    await until(() => copied().length === 4)
    await streams.close()
    expect(copied()).toEqual(['word0', 'word1', 'word4', 'word5'])
    expect(warnings.join()).toMatch(/partition words-0 has no offset 2, .* it is read from offset 4 on/)
    expect(log.fetchOffsets(`lost-${applications}`, [words])[0]!.offset).toBe(6)
  })

  test('with latest it goes on with what comes from then on', async () => {
    await loseThePosition()
    const streams = open(copying(), { 'auto.offset.reset': 'latest' })
    await streams.start()
    await until(() => warnings.length > 0)
    expect(warnings.join()).toContain('it is read from offset 6 on')
    produceWords(log, 0, ['word6'])
    await until(() => copied().length === 3)
    await streams.close()
    expect(copied()).toEqual(['word0', 'word1', 'word6'])
  })

  test('with none the application ends with what to do', async () => {
    await loseThePosition()
    const streams = open(copying(), { 'auto.offset.reset': 'none' })
    const failed = new Promise<Error>((resolve) =>
      streams.setUncaughtExceptionHandler((error) => {
        resolve(error)
        return 'SHUTDOWN_CLIENT'
      }),
    )
    await streams.start().catch(() => {})
    expect(await failed).toMatchObject({
      code: 'STREAMS_ILLEGAL_STATE',
      message: expect.stringMatching(/words-0 has no offset 2, .*'none'.*Commit an offset for group/),
    })
    await streams.close()
  })

  test('records that are deleted after they were read are not missed', async () => {
    produceWords(log, 0, ['word0', 'word1'])
    const streams = open()
    await streams.start()
    await until(() => copied().length === 2)
    log.deleteRecords(words, 2)
    produceWords(log, 0, ['word2', 'word3'])
    await until(() => copied().length === 4)
    await streams.close()
    expect(warnings).toEqual([])
  })

  test('a changelog that is cut while it is read has its store rebuilt', async () => {
    const distinct = Array.from({ length: 1500 }, (_, i) => `word-${i}-${'x'.repeat(1000)}`)
    for (let i = 0; i < distinct.length; i += 500) produceWords(log, 0, distinct.slice(i, i + 500))
    const first = open(countTopology(persistent))
    await first.start()
    await until(() => log.fetchOffsets(`lost-${applications}`, [words])[0]!.offset === distinct.length)
    await first.close()
    rmSync(join(folder, `lost-${applications}`), { recursive: true, force: true })
    const changelog = { topic: `lost-${applications}-counts-changelog`, partition: 0 }
    const end = log.listOffset(changelog, 'latest').offset
    const streams = open(countTopology(persistent))
    const listener: StateRestoreListener = {
      onBatchRestored: () => {
        if (log.listOffset(changelog, 'earliest').offset === 0) log.deleteRecords(changelog, end - 10)
      },
    }
    streams.setGlobalStateRestoreListener(listener)
    await streams.start()
    const kept = [...streams.store<string, number>('counts').all()].map(([key]) => key)
    expect(kept.length).toBeGreaterThan(0)
    expect(kept.length).toBeLessThanOrEqual(10)
    expect(distinct.slice(-10)).toEqual(expect.arrayContaining(kept))
    expect(warnings.join()).toMatch(/store 'counts' is rebuilt .* was deleted \(the log starts at \d+\)/)
    produceWords(log, 0, [distinct[0]!])
    await until(() => readCounts(log).length > distinct.length)
    expect(readCounts(log).at(-1)).toEqual([distinct[0], 1])
    await streams.close()
  })
})
