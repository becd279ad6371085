import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Broker, startBroker } from '@millrace/broker'
import { Serdes, topic } from '@millrace/serdes'
import { StreamsBuilder, StreamsConfigError, type StreamsProperties, silentLogger } from '@millrace/streams-core'
import { afterAll, afterEach, expect, test, vi } from 'vitest'
import { type Application, run } from '../../src/run/run.ts'
import { readTopic } from '../../src/topic-reader.ts'
import { TopicWriter } from '../../src/topic-writer.ts'

vi.setConfig({ testTimeout: 90_000 })
const folder = mkdtempSync(join(tmpdir(), 'millrace-'))
let broker: Broker | undefined
afterEach(async () => {
  await broker?.close()
  broker = undefined
})
afterAll(() => rmSync(folder, { recursive: true, force: true }))

const input = topic('in', { key: Serdes.string(), value: Serdes.string() })
const output = topic('out', { key: Serdes.string(), value: Serdes.int64() })

/** The same file for all places: only the settings differ. */
function start(settings: StreamsProperties): Promise<Application> {
  const builder = new StreamsBuilder()
  builder.stream(input).groupByKey().count({ storeName: 'counts' }).toStream().to(output)
  return run(
    builder.build(),
    {
      'application.id': 'app',
      'commit.interval.ms': 10,
      'statestore.cache.max.bytes': 0,
      logger: silentLogger,
      ...settings,
    },
    { topics: [{ name: 'in' }, { name: 'out' }], handleSignals: false },
  )
}

async function count(application: Application, word: string, total: number): Promise<number | null | undefined> {
  const producer = application.clients.producer({
    clientId: 'words',
    transactionalId: undefined,
    transactionTimeoutMs: 10_000,
  })
  new TopicWriter(producer).send(input, word, word, 1)
  await producer.flush()
  await producer.close()
  for (;;) {
    const counts = await readTopic(application.clients, output)
    if (counts.length >= total) return counts.at(-1)?.value
    await sleep(5)
  }
}

test('in mode test on a log in memory', async () => {
  const application = await start({ mode: 'test', 'state.dir': join(folder, 'test') })
  expect(await count(application, 'a', 1)).toBe(1)
  expect(await application.close()).toBe(true)
  await application.stopped
  expect(application.streams.state()).toBe('NOT_RUNNING')
})

test('in mode standalone on the bundled log, which is there at the next start', async () => {
  const settings = { mode: 'standalone', 'log.dir': join(folder, 'log'), 'state.dir': join(folder, 'state') } as const
  for (const total of [1, 2]) {
    const application = await start(settings)
    expect(await count(application, 'a', total)).toBe(total)
    expect(application.streams.appConfigs()).toMatchObject({
      'processing.guarantee': 'exactly_once_v2',
      'commit.interval.ms': 10,
      'num.stream.threads': 1,
      'log.dir': settings['log.dir'],
    })
    await application.close()
  }
})

test('in mode cluster on brokers', async () => {
  broker = await startBroker({ memory: true })
  const settings = {
    mode: 'cluster',
    'bootstrap.servers': broker.address,
    'state.dir': join(folder, 'cluster'),
  } as const
  const application = await start(settings)
  expect(await count(application, 'a', 1)).toBe(1)
  expect(application.streams.appConfigs()).toMatchObject({ 'processing.guarantee': 'at_least_once' })
  await application.close()
})

test('mode cluster needs brokers', async () => {
  const failure = start({ mode: 'cluster' })
  await expect(failure).rejects.toThrow(StreamsConfigError)
  await expect(failure).rejects.toThrow("Setting 'bootstrap.servers' is missing")
})

test('a start that fails closes the log', async () => {
  const settings = { 'log.dir': join(folder, 'closed'), 'state.dir': join(folder, 'closed-state') }
  const builder = new StreamsBuilder()
  builder.stream('nothing').to('out')
  const properties = { 'application.id': 'app', logger: silentLogger, ...settings }
  const exitCode = process.exitCode
  await expect(run(builder.build(), properties, { handleSignals: false })).rejects.toThrow("'nothing' not found")
  const application = await start(settings)
  await application.close()
  process.exitCode = exitCode
})
