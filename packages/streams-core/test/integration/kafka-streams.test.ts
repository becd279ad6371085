import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { afterAll, describe, expect, test } from 'vitest'
import { ClientError } from '../../src/clients/client-error.ts'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import type { Producer } from '../../src/clients/producer.ts'
import { IllegalStateError } from '../../src/errors.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import type { KafkaStreamsState } from '../../src/kafka-streams-state.ts'
import { silentLogger } from '../../src/logger.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import { countTopology, createTopics, expectedCounts, produceWords, readCounts, until } from './words.ts'

const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

let applications = 0
function properties(overrides: StreamsProperties = {}): StreamsProperties {
  applications += 1
  return {
    'application.id': `app-${applications}`,
    'processing.guarantee': 'exactly_once_v2',
    'commit.interval.ms': 5,
    'poll.ms': 5,
    'state.dir': stateDir,
    logger: silentLogger,
    ...overrides,
  }
}

async function openEngine(partitions: number): Promise<LogEngine> {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, partitions)
  return engine
}

describe('restart', () => {
  for (const guarantee of ['exactly_once_v2', 'at_least_once'] as const) {
    for (const persistent of [true, false]) {
      test(`${guarantee}, ${persistent ? 'persistent' : 'in-memory'} store: counts go on`, async () => {
        const engine = await openEngine(2)
        produceWords(engine, 0, ['a', 'b', 'a'])
        produceWords(engine, 1, ['x'])
        const settings = properties({ 'processing.guarantee': guarantee })
        const first = new KafkaStreams(countTopology(persistent), settings, embeddedClientSupplier(engine))
        await first.start()
        expect(first.state()).toBe('RUNNING')
        await until(() => readCounts(engine).length === 4)
        expect(await first.close()).toBe(true)
        expect(first.state()).toBe('NOT_RUNNING')

        produceWords(engine, 0, ['a', 'b'])
        const restored: string[] = []
        const second = new KafkaStreams(countTopology(persistent), settings, embeddedClientSupplier(engine))
        second.setGlobalStateRestoreListener({
          onRestoreEnd: (partition, store, total) => restored.push(`${store}-${partition.partition}:${total}`),
        })
        await second.start()
        await until(() => readCounts(engine).length === 6)
        await second.close()
        expect(readCounts(engine).sort()).toEqual(expectedCounts(['a', 'a', 'a', 'b', 'b', 'x']))
        if (!persistent) expect(restored.sort()).toEqual(['counts-0:3', 'counts-1:1'])
        else expect(restored.every((line) => line.endsWith(':0'))).toBe(true)
        await engine.close()
      })
    }
  }
})

/** Clients whose commits fail as `faultOf` says, by number of the commit. */
function faultyClients(
  engine: LogEngine,
  faultOf: (commit: number) => 'before' | 'after' | 'fenced' | undefined,
): KafkaClientSupplier {
  const clients = embeddedClientSupplier(engine)
  let commits = 0
  return {
    ...clients,
    producer(options) {
      const producer: Producer = clients.producer(options)
      const commit = producer.commitTransaction.bind(producer)
      producer.commitTransaction = async () => {
        commits += 1
        const fault = faultOf(commits)
        if (fault === 'fenced') throw new ClientError('PRODUCER_FENCED', 'fenced', 'planted')
        if (fault === 'before') throw new ClientError('TIMEOUT', 'retriable', 'planted', { isOutcomeUnknown: true })
        await commit()
        if (fault === 'after') throw new ClientError('TIMEOUT', 'retriable', 'planted', { isOutcomeUnknown: true })
      }
      return producer
    },
  }
}

describe('exactly once', () => {
  for (const persistent of [true, false]) {
    test(`commits that fail, or succeed without saying so, lose and repeat nothing (${persistent ? 'persistent' : 'in-memory'} store)`, async () => {
      const engine = await openEngine(3)
      const words = Array.from({ length: 600 }, (_, index) => `w${(index * 7) % 13}`)
      const clients = faultyClients(engine, (commit) =>
        commit % 5 === 0 ? 'before' : commit % 7 === 0 ? 'after' : commit % 11 === 0 ? 'fenced' : undefined,
      )
      const streams = new KafkaStreams(countTopology(persistent), properties(), clients)
      await streams.start()
      for (let at = 0; at < words.length; at += 20) {
        for (let partition = 0; partition < 3; partition += 1) {
          produceWords(
            engine,
            partition,
            words.slice(at, at + 20).map((word) => `${partition}${word}`),
          )
        }
        await until(() => readCounts(engine).length >= 3 * at)
      }
      await until(() => readCounts(engine).length >= 3 * words.length)
      await streams.close()
      const all = [0, 1, 2].flatMap((partition) => words.map((word) => `${partition}${word}`))
      expect(readCounts(engine).sort()).toEqual(expectedCounts(all).sort())
      await engine.close()
    })
  }
})

describe('states', () => {
  test('go from CREATED over REBALANCING and RUNNING to NOT_RUNNING', async () => {
    const engine = await openEngine(1)
    const streams = new KafkaStreams(countTopology(false), properties(), embeddedClientSupplier(engine))
    const states: KafkaStreamsState[] = [streams.state()]
    streams.setStateListener((state) => states.push(state))
    await streams.start()
    await streams.close()
    await streams.stopped
    expect(states).toEqual(['CREATED', 'REBALANCING', 'RUNNING', 'PENDING_SHUTDOWN', 'NOT_RUNNING'])
    await engine.close()
  })

  test('clients that push no figures have no instance ids, and only a running application is asked for them', async () => {
    const engine = await openEngine(1)
    const streams = new KafkaStreams(countTopology(false), properties(), embeddedClientSupplier(engine))
    expect(() => streams.clientInstanceIds()).toThrow('clientInstanceIds() was called in state CREATED.')
    await streams.start()
    const ids = streams.clientInstanceIds()
    expect([ids.consumerInstanceIds().size, ids.producerInstanceIds().size]).toEqual([0, 0])
    expect(() => ids.adminInstanceId()).toThrow(IllegalStateError)
    await streams.close()
    expect(() => streams.clientInstanceIds()).toThrow('in state NOT_RUNNING')
    await engine.close()
  })

  test('a processor that throws ends the application in ERROR, and start or stopped rejects', async () => {
    const engine = await openEngine(1)
    produceWords(engine, 0, ['a'])
    const topology = countTopology(false).addProcessor(
      'throw',
      () => ({
        process() {
          throw new Error('boom')
        },
      }),
      'count',
    )
    const streams = new KafkaStreams(topology, properties(), embeddedClientSupplier(engine))
    await streams.start()
    await expect(streams.stopped).rejects.toThrow('boom')
    expect(streams.state()).toBe('ERROR')
    expect(readCounts(engine)).toEqual([])
    await engine.close()
  })

  test('a thread that ends with an error is replaced when the handler says so, and nothing is lost or repeated', async () => {
    const engine = await openEngine(1)
    produceWords(engine, 0, ['a', 'b', 'a'])
    let faults = 2
    const topology = countTopology(true).addProcessor(
      'throw',
      () => ({
        process() {
          if (faults-- > 0) throw new Error('boom')
        },
      }),
      'count',
    )
    const streams = new KafkaStreams(topology, properties(), embeddedClientSupplier(engine))
    const errors: string[] = []
    streams.setUncaughtExceptionHandler((error) => {
      errors.push((error.cause as Error).message)
      return 'REPLACE_THREAD'
    })
    await streams.start()
    await until(() => readCounts(engine).length === 3)
    await streams.close()
    expect(errors).toEqual(['boom', 'boom'])
    expect(readCounts(engine)).toEqual(expectedCounts(['a', 'b', 'a']))
    await engine.close()
  })

  test('a missing source topic is an error of start that names it', async () => {
    const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
    const streams = new KafkaStreams(countTopology(false), properties(), embeddedClientSupplier(engine))
    await expect(streams.start()).rejects.toThrow("Source topic 'words' not found")
    expect(streams.state()).toBe('ERROR')
    await engine.close()
  })
})
