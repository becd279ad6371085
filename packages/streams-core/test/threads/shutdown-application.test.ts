import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { afterAll, expect, test, vi } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { ApplicationShutdownError } from '../../src/errors.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { countTopology, createTopics, produceWords } from '../integration/words.ts'
import { until } from './until.ts'

vi.setConfig({ testTimeout: 90_000 })
const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

test('SHUTDOWN_APPLICATION ends all instances: the failing one with its error, the others with the news', async () => {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, 2)
  const topology = countTopology(false).addProcessor(
    'throw',
    () => ({
      process(record: { readonly value: unknown; readonly key: unknown }) {
        if (record.key === 'poison') throw new Error('boom')
      },
    }),
    'count',
  )
  const application = (instance: string) => {
    const properties = {
      'application.id': 'app',
      'commit.interval.ms': 5,
      'poll.ms': 5,
      'state.dir': join(stateDir, instance),
      logger: silentLogger,
    }
    const streams = new KafkaStreams(topology, properties, embeddedClientSupplier(engine))
    streams.setUncaughtExceptionHandler(() => 'SHUTDOWN_APPLICATION')
    return streams
  }
  const [one, two] = [application('one'), application('two')]
  await Promise.all([one.start(), two.start()])
  const tasks = () => [one, two].map((streams) => streams.metadataForLocalThreads()[0]?.activeTasks.length)
  await until(() => tasks().every((count) => count === 1))
  produceWords(engine, 0, ['poison'])
  const errors = await Promise.all([one, two].map((streams) => streams.stopped.catch((error: Error) => error)))
  expect(errors.some((error) => error instanceof Error && error.message.includes('boom'))).toBe(true)
  expect(errors.some((error) => error instanceof ApplicationShutdownError)).toBe(true)
  expect([one.state(), two.state()]).toEqual(['ERROR', 'ERROR'])
  await engine.close()
})
