import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { afterAll, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import type { Processor, ProcessorContext } from '../../src/processors/processor.ts'
import type { Record } from '../../src/processors/record.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { Topology } from '../../src/topology.ts'
import { createTopics, expectedCounts, produceWords, readCounts, until } from './words.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

const settings = {
  'processing.guarantee': 'exactly_once_v2',
  'commit.interval.ms': 5,
  'poll.ms': 5,
  'state.dir': stateDir,
  'async.drain.timeout.ms': 50,
  logger: silentLogger,
} as const

/** Counts words in memory. */
class Counter implements Processor<string, string, string, number> {
  readonly #counts = new Map<string, number>()
  #context!: ProcessorContext<string, number>

  init(context: ProcessorContext<string, number>): void {
    this.#context = context
  }

  process(record: Record<string, string>): void {
    const count = (this.#counts.get(record.value) ?? 0) + 1
    this.#counts.set(record.value, count)
    this.#context.forward(record.withValue(count))
  }
}

/** words ─► an asynchronous look-up ─► counts by word ─► counts-out */
function topology(lookUp: (word: string, signal: AbortSignal) => Promise<string>): Topology {
  const builder = new StreamsBuilder()
  builder
    .stream('words', { keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .mapValuesAsync((word, _key, { signal }) => lookUp(word, signal), { name: 'look-up', concurrency: 8 })
    .selectKey((word) => word, { name: 'by-word' })
    .process(() => new Counter(), { name: 'count' })
    .to('counts-out', { keySerde: Serdes.string(), valueSerde: Serdes.json() })
  return builder.build()
}

test('a commit waits for the calls in flight: results and offsets agree', async () => {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, 2)
  const words = Array.from({ length: 300 }, (_, index) => `w${index % 7}`)
  produceWords(engine, 0, words)
  let turn = 0
  const streams = new KafkaStreams(
    topology(async (word) => {
      turn += 1
      for (let wait = (turn * 31) % 5; wait > 0; wait -= 1) await new Promise((resolve) => setImmediate(resolve))
      return word
    }),
    { ...settings, 'application.id': 'barrier' },
    embeddedClientSupplier(engine),
  )
  await streams.start()
  await until(() => readCounts(engine).length === words.length)
  await streams.close()
  expect(readCounts(engine).sort()).toEqual(expectedCounts(words).sort())
  expect(engine.fetchOffsets('barrier', [{ topic: 'words', partition: 0 }])[0]?.offset).toBe(words.length)
  await engine.close()
})

test('what hangs at the close is given up, its signal aborted, and is processed after the next start', async () => {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, 2)
  produceWords(engine, 0, ['a', 'hang', 'b'])
  let begun = 0
  let aborted = 0
  const hanging = topology((word, signal) => {
    if (word !== 'hang') return Promise.resolve(word)
    begun += 1
    return new Promise((_resolve, reject) =>
      signal.addEventListener('abort', () => {
        aborted += 1
        reject(signal.reason)
      }),
    )
  })
  const clients = embeddedClientSupplier(engine)
  const first = new KafkaStreams(hanging, { ...settings, 'application.id': 'hanging' }, clients)
  await first.start()
  await until(() => begun === 1)
  await first.close()
  expect(aborted).toBe(1)
  expect(readCounts(engine)).toEqual([])
  const second = new KafkaStreams(
    topology((word) => Promise.resolve(word)),
    { ...settings, 'application.id': 'hanging' },
    clients,
  )
  await second.start()
  await until(() => readCounts(engine).length === 3)
  await second.close()
  expect(readCounts(engine).sort()).toEqual(expectedCounts(['a', 'b', 'hang']))
  await engine.close()
})
