import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Broker, startBroker } from '@millrace/broker'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes } from '@millrace/serdes'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import {
  MisconfiguredInternalTopicError,
  MissingSourceTopicError,
  TimeoutError,
  TopologyMismatchError,
} from '../../src/errors.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import { TimeWindows } from '../../src/windows/time-windows.ts'
import { until } from '../threads/until.ts'
import { countTopology, createTopics, produceWords, readCounts } from './words.ts'

// What a cluster or a configuration may have wrong: each is an error that names the thing, the cause and what to do.

vi.setConfig({ testTimeout: 90_000 })
const stateDir = mkdtempSync(join(tmpdir(), 'millrace-'))
let broker: Broker | undefined
let instances = 0

afterEach(async () => {
  await broker?.close()
  broker = undefined
})
afterAll(() => rmSync(stateDir, { recursive: true, force: true }))

function counter(clients: KafkaClientSupplier, overrides: StreamsProperties = {}): KafkaStreams {
  instances += 1
  const properties = {
    'application.id': 'app',
    'commit.interval.ms': 5,
    'poll.ms': 5,
    'state.dir': join(stateDir, String(instances)),
    logger: silentLogger,
  }
  return new KafkaStreams(countTopology(false), { ...properties, ...overrides }, clients)
}

async function engineWith(changelog?: { partitions?: number; configs: { [key: string]: string } }): Promise<LogEngine> {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  createTopics(engine, 2)
  if (changelog !== undefined) engine.createTopic({ name: 'app-counts-changelog', partitions: 2, ...changelog })
  return engine
}

test('a source topic that is missing', async () => {
  const engine = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  const failure = counter(embeddedClientSupplier(engine)).start()
  await expect(failure).rejects.toThrow(MissingSourceTopicError)
  await expect(failure).rejects.toThrow("Source topic 'words' not found. Create what is missing")
  await engine.close()
})

test.each([
  ['partitions', { partitions: 5, configs: {} }, 'has 5 partitions; the topology needs 2'],
  ['deletion', { configs: { 'cleanup.policy': 'delete' } }, 'has cleanup.policy=delete; the topology needs compact'],
  ['both policies', { configs: { 'cleanup.policy': 'compact,delete' } }, 'cleanup.policy=compact,delete'],
])('an internal topic with the wrong %s', async (_what, changelog, message) => {
  const engine = await engineWith(changelog)
  const failure = counter(embeddedClientSupplier(engine)).start()
  await expect(failure).rejects.toThrow(MisconfiguredInternalTopicError)
  await expect(failure).rejects.toThrow("Internal topic 'app-counts-changelog' has")
  await expect(failure).rejects.toThrow(message)
  await engine.close()
})

test('a window’s changelog that is kept for too short a time', async () => {
  const engine = await engineWith()
  const configs = { 'cleanup.policy': 'compact,delete', 'retention.ms': '1000' }
  engine.createTopic({ name: 'app-per-hour-changelog', partitions: 2, configs })
  const builder = new StreamsBuilder()
  builder
    .stream('words', { keySerde: Serdes.string(), valueSerde: Serdes.string() })
    .groupByKey()
    .windowedBy(TimeWindows.ofSizeWithNoGrace(3_600_000))
    .count({ storeName: 'per-hour', storeType: 'in_memory' })
  const properties = { 'application.id': 'app', 'state.dir': join(stateDir, 'window'), logger: silentLogger }
  const streams = new KafkaStreams(builder.build(), properties, embeddedClientSupplier(engine))
  await expect(streams.start()).rejects.toThrow(
    /has retention\.ms=1000; the topology needs \d+.*millrace configs alter/,
  )
  await engine.close()
})

test('no broker is an error after task.timeout.ms, with the address', async () => {
  const clients = nativeClientSupplier({ bootstrapServers: '127.0.0.1:1', retryTimeoutMs: 50 })
  const failure = counter(clients, { 'task.timeout.ms': 200 }).start()
  await expect(failure).rejects.toThrow(TimeoutError)
  await expect(failure).rejects.toThrow(/within task\.timeout\.ms \(200 ms\).*127\.0\.0\.1:1/)
})

test('a broker that comes late is waited for', async () => {
  const early = await startBroker({ memory: true })
  const { address } = early
  await early.close()
  const clients = nativeClientSupplier({ bootstrapServers: address, retryTimeoutMs: 50 })
  const streams = counter(clients)
  const started = streams.start()
  broker = await startBroker({ memory: true, port: Number(address.split(':')[1]) })
  createTopics(broker.engine, 1)
  await started.catch((error: unknown) => expect(error).toBeInstanceOf(MissingSourceTopicError))
  await streams.close()
})

test('wrong credentials are an error at once, with the address and the name', async () => {
  broker = await startBroker({
    memory: true,
    listeners: [{ host: '127.0.0.1', port: 0, sasl: true }],
    users: [{ name: 'ada', password: 'right' }],
  })
  const settings = {
    'security.protocol': 'SASL_PLAINTEXT',
    'sasl.username': 'ada',
    'sasl.password': 'wrong',
  }
  const failure = counter(nativeClientSupplier({ bootstrapServers: broker.address }), settings).start()
  await expect(failure).rejects.toThrow(/ada/)
  await expect(failure).rejects.toThrow(broker.address)
})

test('two applications with one id: the one that comes second is refused, with the topics of both, and the first goes on', async () => {
  const engine = await engineWith()
  engine.createTopic({ name: 'others', partitions: 2 })
  const one = counter(embeddedClientSupplier(engine))
  await one.start()
  const builder = new StreamsBuilder()
  builder.stream('others').foreach(() => {})
  const properties = {
    'application.id': 'app',
    'poll.ms': 5,
    'state.dir': join(stateDir, 'other'),
    logger: silentLogger,
  }
  const failure = new KafkaStreams(builder.build(), properties, embeddedClientSupplier(engine)).start()
  await expect(failure).rejects.toThrow(TopologyMismatchError)
  await expect(failure).rejects.toThrow(
    "Another application has the application.id 'app' already: it reads words, and this one others.",
  )
  produceWords(engine, 0, ['still', 'here'])
  await until(() => readCounts(engine).length === 2)
  await one.close()
  await engine.close()
})

test('a rolling restart with another topology: nobody is refused, and each gets what it has', async () => {
  const engine = await engineWith()
  engine.createTopic({ name: 'others', partitions: 2 })
  const errors: string[] = []
  const logger = { ...silentLogger, error: (message: string) => void errors.push(message) }
  const one = counter(embeddedClientSupplier(engine), { logger })
  await one.start()
  const more = countTopology(false).addSource('others', 'others').addSink('copies', 'others-out', 'others')
  engine.createTopic({ name: 'others-out', partitions: 2 })
  const properties = { 'application.id': 'app', 'poll.ms': 5, 'state.dir': join(stateDir, 'more'), logger }
  const two = new KafkaStreams(more, properties, embeddedClientSupplier(engine))
  await two.start()
  await until(() => errors.some((message) => message.includes("group 'app' run different topologies")))
  expect(errors[0]).toMatch(
    /reads \(words\)(;|\.).*reads \(words\) \(others\)|reads \(words\) \(others\);.*reads \(words\)\./,
  )
  await one.close()
  const tasks = () =>
    two.metadataForLocalThreads().flatMap(({ activeTasks }) => activeTasks.map(({ taskId }) => taskId))
  await until(() => tasks().length === 4)
  expect(two.state()).not.toBe('ERROR')
  await two.close()
  await engine.close()
})
