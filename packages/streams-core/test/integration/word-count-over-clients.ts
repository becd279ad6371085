import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import {
  expectNoGaps,
  partitions,
  produceLines,
  readCounts,
  until,
  type WordCountNames,
  wordCount,
  wordCountScene,
} from './word-count-scene.ts'

// Word count exactly once, and at least once, over any clients that can share a log.

/** Declares the tests. `clients` makes new clients of the same log; `uniqueName` names that no earlier run has used. */
export function wordCountTests(clients: () => KafkaClientSupplier, uniqueName: (prefix: string) => string): void {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))

  const scene = (): Promise<WordCountNames> => wordCountScene(clients(), uniqueName)

  function application(names: WordCountNames, instance: string, overrides: StreamsProperties = {}): KafkaStreams {
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
    await produceLines(clients(), names.lines, 0, 300)
    for (const [instance, total] of [
      ['first', 300],
      ['second', 500],
    ] as const) {
      const streams = application(names, instance)
      await streams.start()
      expect(streams.state()).toBe('RUNNING')
      if (total > 300) await produceLines(clients(), names.lines, 300, total)
      expectNoGaps(await readCounts(clients(), names.counts, total * 2), total)
      await streams.close()
    }
  })

  test('two instances share the work; what one leaves the other takes over, and nothing is counted twice', async () => {
    const names = await scene()
    const [one, two] = [application(names, 'one'), application(names, 'two')]
    await one.start()
    await produceLines(clients(), names.lines, 0, 200)
    await two.start()
    const shares = () =>
      [one, two].map((streams) => streams.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks).length)
    await until(() => shares().every((share) => share > 0) && shares()[0]! + shares()[1]! === 2 * partitions)
    await produceLines(clients(), names.lines, 200, 400)
    await one.close()
    await produceLines(clients(), names.lines, 400, 600)
    expectNoGaps(await readCounts(clients(), names.counts, 1200), 600)
    expect(two.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks)).toHaveLength(2 * partitions)
    await two.close()
  })

  test('at least once gives all results too', async () => {
    const names = await scene()
    await produceLines(clients(), names.lines, 0, 100)
    const streams = application(names, 'alos', { 'processing.guarantee': 'at_least_once' })
    await streams.start()
    expectNoGaps(await readCounts(clients(), names.counts, 200), 100)
    await streams.close()
  })
}
