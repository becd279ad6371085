import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startBroker } from '@millrace/broker'
import { afterAll, describe, expect, test, vi } from 'vitest'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import { TimeoutError } from '../../src/errors.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import type { KafkaStreamsState } from '../../src/kafka-streams-state.ts'
import { silentLogger } from '../../src/logger.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import type { Topology } from '../../src/topology.ts'
import { countTopology, createTopics, expectedCounts, produceWords, readCounts } from '../integration/words.ts'
import { until } from './until.ts'

vi.setConfig({ testTimeout: 90_000 })
const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
const brokers: Broker[] = []
afterAll(async () => {
  for (const broker of brokers) await broker.close()
  rmSync(stateDir, { recursive: true, force: true })
})

/** A log with so many partitions of `words`, and applications of one id on it. */
async function scene(partitions: number) {
  const broker = await startBroker({ memory: true })
  brokers.push(broker)
  const { engine } = broker
  createTopics(engine, partitions)
  const application = (
    instance: string,
    overrides: StreamsProperties = {},
    topology: Topology = countTopology(false),
  ) =>
    new KafkaStreams(
      topology,
      {
        'application.id': 'counter',
        'processing.guarantee': 'exactly_once_v2',
        'commit.interval.ms': 5,
        'poll.ms': 5,
        'state.dir': join(stateDir, `${brokers.length}-${instance}`),
        logger: silentLogger,
        ...overrides,
      },
      nativeClientSupplier({ bootstrapServers: broker.address, heartbeatIntervalMs: 50 }),
    )
  return { engine, application }
}

function shares(streams: KafkaStreams): readonly number[] {
  return streams.metadataForLocalThreads().map(({ activeTasks }) => activeTasks.length)
}

function produceEverywhere(
  engine: Parameters<typeof produceWords>[0],
  partitions: number,
  words: readonly string[],
): void {
  for (let partition = 0; partition < partitions; partition += 1) {
    produceWords(
      engine,
      partition,
      words.map((word) => `${partition}${word}`),
    )
  }
}

function countsOf(partitions: number, words: readonly string[]): [string, number][] {
  const all = Array.from({ length: partitions }, (_, partition) => words.map((word) => `${partition}${word}`))
  return expectedCounts(all.flat()).sort()
}

describe('several stream threads in one instance', () => {
  test('share the tasks; one more takes some, one less gives them back; no record is lost or counted twice', async () => {
    const { engine, application } = await scene(6)
    const streams = application('one', { 'num.stream.threads': 2 })
    await streams.start()
    expect(shares(streams)).toEqual([3, 3])
    produceEverywhere(engine, 6, ['a', 'b', 'a'])
    await until(() => readCounts(engine).length === 18)

    expect(streams.addStreamThread()).toBe('counter-StreamThread-3')
    await until(() => streams.state() === 'RUNNING' && shares(streams).length === 3 && Math.min(...shares(streams)) > 0)
    produceEverywhere(engine, 6, ['b', 'c'])
    await until(() => readCounts(engine).length === 30)

    expect(await streams.removeStreamThread()).toBe('counter-StreamThread-1')
    await until(() => streams.state() === 'RUNNING' && shares(streams).reduce((sum, share) => sum + share) === 6)
    expect(streams.metadataForLocalThreads().map(({ threadName }) => threadName)).toEqual([
      'counter-StreamThread-2',
      'counter-StreamThread-3',
    ])
    produceEverywhere(engine, 6, ['a'])
    await until(() => readCounts(engine).length === 36)
    await streams.close()
    expect(readCounts(engine).sort()).toEqual(countsOf(6, ['a', 'b', 'a', 'b', 'c', 'a']))
  })

  test('tell what they do: names, states, clients, tasks with their offsets', async () => {
    const { engine, application } = await scene(1)
    const streams = application('one')
    await streams.start()
    produceWords(engine, 0, ['a', 'b'])
    const only = () => streams.metadataForLocalThreads()[0]!.activeTasks[0]
    await until(() => only()?.committedOffsets.get('words-0') === 2 && only()?.timeCurrentIdlingStarted !== undefined)
    const [thread] = streams.metadataForLocalThreads()
    expect(thread).toMatchObject({
      threadName: 'counter-StreamThread-1',
      threadState: 'RUNNING',
      standbyTasks: [],
      consumerClientId: 'counter-StreamThread-1-consumer',
      restoreConsumerClientId: 'counter-StreamThread-1-restore-consumer',
      producerClientIds: ['counter-StreamThread-1-producer'],
      adminClientId: 'counter-admin',
    })
    const [task] = thread!.activeTasks
    expect(task).toMatchObject({ taskId: '0_0', topicPartitions: [{ topic: 'words', partition: 0 }], lag: 0 })
    expect(task!.endOffsets.get('words-0')).toBe(2)
    await streams.close()
    expect(streams.metadataForLocalThreads()).toEqual([])
  })

  test('a thread that fails is replaced under its own number while the others go on', async () => {
    const { engine, application } = await scene(2)
    let faults = 1
    const topology = countTopology(false).addProcessor(
      'throw',
      () => ({
        process() {
          if (faults-- > 0) throw new Error('boom')
        },
      }),
      'count',
    )
    const streams = application('one', { 'num.stream.threads': 2 }, topology)
    streams.setUncaughtExceptionHandler(() => 'REPLACE_THREAD')
    await streams.start()
    produceEverywhere(engine, 2, ['a', 'b'])
    await until(() => readCounts(engine).length === 4 && streams.state() === 'RUNNING')
    expect(faults).toBeLessThan(1)
    expect(streams.metadataForLocalThreads().map(({ threadName }) => threadName)).toEqual([
      'counter-StreamThread-1',
      'counter-StreamThread-2',
    ])
    await streams.close()
    expect(readCounts(engine).sort()).toEqual(countsOf(2, ['a', 'b']))
  })

  test('the last one may be removed: the application stays, and a new thread goes on', async () => {
    const { engine, application } = await scene(1)
    const streams = application('one')
    expect(streams.addStreamThread()).toBeUndefined()
    expect(await streams.removeStreamThread()).toBeUndefined()
    await streams.start()
    await expect(streams.removeStreamThread(0)).rejects.toThrow(TimeoutError)
    await until(() => streams.metadataForLocalThreads().length === 0)
    expect(await streams.removeStreamThread()).toBeUndefined()
    produceWords(engine, 0, ['a'])
    streams.addStreamThread()
    await until(() => readCounts(engine).length === 1)
    await streams.close()
    expect(streams.addStreamThread()).toBeUndefined()
  })
})

test('a paused application keeps its tasks and processes nothing until it is resumed', async () => {
  const { engine, application } = await scene(1)
  const streams = application('one')
  streams.pause()
  expect(streams.isPaused()).toBe(true)
  await streams.start()
  produceWords(engine, 0, ['a', 'b'])
  const lag = () => streams.metadataForLocalThreads()[0]?.activeTasks[0]?.lag
  await until(() => lag() === 2)
  expect([streams.state(), readCounts(engine)]).toEqual(['RUNNING', []])
  streams.resume()
  await until(() => readCounts(engine).length === 2)
  expect(streams.isPaused()).toBe(false)
  await streams.close()
})

test('states: an error of one thread ends the others, and the instance in ERROR', async () => {
  const { engine, application } = await scene(2)
  const topology = countTopology(false).addProcessor(
    'throw',
    () => ({
      process() {
        throw new Error('boom')
      },
    }),
    'count',
  )
  const streams = application('one', { 'num.stream.threads': 2 }, topology)
  const states: KafkaStreamsState[] = []
  streams.setStateListener((state) => states.push(state))
  await streams.start()
  produceWords(engine, 0, ['a'])
  await expect(streams.stopped).rejects.toThrow('boom')
  expect(states.slice(-2)).toEqual(['PENDING_ERROR', 'ERROR'])
  expect(streams.metadataForLocalThreads()).toEqual([])
  expect(await streams.close()).toBe(true)
  expect(streams.state()).toBe('ERROR')
})
