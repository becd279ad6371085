import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Serdes, topic } from '@millrace/serdes'
import { type KafkaClientSupplier, silentLogger } from '@millrace/streams-core'
import { nativeClientSupplier } from '@millrace/streams-core/native'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readTopic } from '../../src/topic-reader.ts'
import { TopicWriter } from '../../src/topic-writer.ts'
import { type RunWorkersOptions, runWorkers } from '../../src/workers/run-workers.ts'
import type { WorkerPool } from '../../src/workers/worker-pool.ts'
import { builtApp } from '../workers/built-app.ts'

const words = topic('words', { key: Serdes.string(), value: Serdes.string() })
const counts = topic('counts', { key: Serdes.string(), value: Serdes.int64() })

let folder: string
let app: URL

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'millrace-'))
  app = await builtApp('counting-app')
}, 280_000)

afterAll(() => rmSync(folder, { recursive: true, force: true }))

function start(dir: string, options: RunWorkersOptions = {}): WorkerPool {
  return runWorkers(app, {
    workers: 2,
    execArgv: [],
    firstPauseMs: 20,
    handleSignals: false,
    logger: silentLogger,
    ...options,
    env: { APP_DIR: join(folder, dir), ...options.env },
  })
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await sleep(50)
}

async function clientsOf(pool: WorkerPool): Promise<KafkaClientSupplier> {
  const clients = nativeClientSupplier({ bootstrapServers: pool.status().brokers[0]! })
  const admin = clients.admin()
  await admin.describeTopics(['words', 'counts'])
  await admin.close()
  return clients
}

async function produce(clients: KafkaClientSupplier, from: number, to: number): Promise<void> {
  const producer = clients.producer({ clientId: 'words', transactionalId: undefined, transactionTimeoutMs: 10_000 })
  const writer = new TopicWriter(producer)
  for (let i = from; i < to; i += 1) writer.send(words, `w${i % 7}`, 'x', 1_700_000_000_000 + i)
  await producer.flush()
  await producer.close()
}

/** By word, the counts in the order in which they were committed. */
async function committedCounts(clients: KafkaClientSupplier): Promise<Map<string, number[]>> {
  const found = new Map<string, number[]>()
  for (const { key, value } of await readTopic(clients, counts)) {
    const one = found.get(key!) ?? []
    one.push(value!)
    found.set(key!, one)
  }
  return found
}

/** Per word 1, 2, 3, … */
function countsUpTo(records: number): Map<string, number[]> {
  const expected = new Map<string, number[]>()
  for (let i = 0; i < records; i += 1) {
    const one = expected.get(`w${i % 7}`) ?? []
    one.push(one.length + 1)
    expected.set(`w${i % 7}`, one)
  }
  return expected
}

async function untilCounted(clients: KafkaClientSupplier, records: number): Promise<void> {
  await until(async () => (await readTopic(clients, counts)).length >= records)
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('workers share the bundled log; one that is killed is started again, nothing is lost or counted twice, and none is left behind', {
  timeout: 280_000,
}, async () => {
  const pool = start('killed')
  await pool.running
  const pids = pool.status().workers.map(({ pid }) => pid!)
  expect(new Set(pids).size).toBe(2)
  const clients = await clientsOf(pool)
  await produce(clients, 0, 200)
  await untilCounted(clients, 200)
  await produce(clients, 200, 400)
  process.kill(pids[0]!, 'SIGKILL')
  await until(() => pool.status().workers[0]!.restarts === 1 && pool.status().state === 'RUNNING')
  expect(pool.status().workers[0]).toMatchObject({ worker: 1, lastFailure: 'signal SIGKILL' })
  await produce(clients, 400, 600)
  await untilCounted(clients, 600)
  expect(await committedCounts(clients)).toEqual(countsUpTo(600))
  expect(readdirSync(join(folder, 'killed/state')).sort()).toEqual(['worker-1', 'worker-2'])

  const all = [...pids, ...pool.status().workers.map(({ pid }) => pid!)]
  await pool.close()
  expect(pool.status()).toMatchObject({ state: 'NOT_RUNNING', brokers: [] })
  expect(all.filter(isAlive)).toEqual([])
})

test('threads do the same work, and a second run goes on where the first one stopped', {
  timeout: 280_000,
}, async () => {
  for (const [from, to] of [
    [0, 100],
    [100, 200],
  ] as const) {
    const pool = start('threads', { kind: 'thread' })
    await pool.running
    expect(pool.status().workers.map(({ pid }) => pid)).toEqual([undefined, undefined])
    const clients = await clientsOf(pool)
    await produce(clients, from, to)
    await untilCounted(clients, to)
    expect(await committedCounts(clients)).toEqual(countsUpTo(to))
    await pool.close()
  }
})

test('a worker that fails again and again ends the pool, with the reason', { timeout: 280_000 }, async () => {
  const pool = start('failing', { workers: 1, maxFailures: 2, env: { APP_FAILS: 'always' }, kind: 'thread' })
  const exitCode = process.exitCode
  await expect(pool.stopped).rejects.toThrow(/Worker 1 has failed 3 times in a row, the last time with: planted/)
  await expect(pool.running).rejects.toThrow('Worker 1')
  expect(pool.status()).toMatchObject({ state: 'ERROR', workers: [{ restarts: 2, lastFailure: 'planted' }] })
  process.exitCode = exitCode
})
