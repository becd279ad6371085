import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { partitionForKey, RecordBatchBuilder } from '@millrace/kafka-protocol'
import { LogEngine, memoryFileSystem } from '@millrace/log-engine'
import { Serdes, topic } from '@millrace/serdes'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { embeddedClientSupplier } from '../../src/clients/embedded/embedded-client-supplier.ts'
import { KafkaStreams } from '../../src/kafka-streams.ts'
import { silentLogger } from '../../src/logger.ts'
import { StreamsBuilder } from '../../src/streams-builder.ts'
import type { StreamsProperties } from '../../src/streams-config.ts'
import { systemTime, type Time } from '../../src/time.ts'

// Instances of one application over one log in this process.

const text = Serdes.string()
const words = topic('words', { key: text, value: text })
const partitions = 4

let log: LogEngine
let directory: string
const instances: KafkaStreams[] = []

beforeEach(async () => {
  directory = mkdtempSync(join(tmpdir(), 'millrace-'))
  log = await LogEngine.open({ dir: 'log', fileSystem: memoryFileSystem() })
  log.createTopic({ name: 'words', partitions })
})

afterEach(async () => {
  for (const streams of instances.splice(0)) await streams.close()
  await log.close()
  rmSync(directory, { recursive: true, force: true })
})

function instance(
  name: string,
  storeType: 'rocksDB' | 'in_memory',
  overrides: StreamsProperties = {},
  time: Time = systemTime,
): KafkaStreams {
  const builder = new StreamsBuilder()
  builder.stream(words).groupByKey().count({ storeName: 'counts', storeType, valueSerde: Serdes.int64() })
  const properties: StreamsProperties = {
    'application.id': 'standbys',
    'processing.guarantee': 'exactly_once_v2',
    'num.standby.replicas': 1,
    'commit.interval.ms': 5,
    'poll.ms': 5,
    'state.dir': join(directory, name),
    logger: silentLogger,
    ...overrides,
  }
  const streams = new KafkaStreams(builder.build(), properties, embeddedClientSupplier(log), { time })
  instances.push(streams)
  return streams
}

function produce(count: number): void {
  for (let i = 0; i < count; i += 1) {
    const key = text.serialize('words', `k${i % 100}`)!
    const batch = new RecordBatchBuilder()
    batch.append(1_700_000_000_000 + i, key, text.serialize('words', 'x'))
    log.append({ topic: 'words', partition: partitionForKey(key, partitions) }, batch.build())
  }
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  for (let turn = 0; !(await condition()); turn += 1) {
    if (turn > 200_000) throw new Error('The condition did not come true.')
    await new Promise((resolve) => setImmediate(resolve))
  }
}

/** Ids of the tasks of an instance. */
function tasksOf(streams: KafkaStreams, kind: 'activeTasks' | 'standbyTasks'): string[] {
  return streams
    .metadataForLocalThreads()
    .flatMap((thread) => thread[kind].map(({ taskId }) => taskId))
    .sort()
}

function isBalanced(all: readonly KafkaStreams[]): boolean {
  const active = all.flatMap((streams) => tasksOf(streams, 'activeTasks'))
  const standby = all.flatMap((streams) => tasksOf(streams, 'standbyTasks'))
  return (
    all.every((streams) => streams.state() === 'RUNNING' && tasksOf(streams, 'activeTasks').length > 0) &&
    active.length === partitions &&
    standby.length === partitions
  )
}

function sumOf(streams: KafkaStreams): number {
  let sum = 0
  for (const [, count] of streams.store<string, number>('counts', undefined, { enableStaleStores: true }).all())
    sum += count
  return sum
}

describe.each(['rocksDB', 'in_memory'] as const)('copies of %s stores', (storeType) => {
  test('follow, answer stale reads, and take over without restoring', async () => {
    const [a, b] = [instance('a', storeType), instance('b', storeType)]
    const heard: string[] = []
    const restored: number[] = []
    b.setStandbyUpdateListener({
      onUpdateStart: (partition) => heard.push(`start ${partition.partition}`),
      onUpdateSuspended: (partition, _store, _offset, _end, reason) => heard.push(`${reason} ${partition.partition}`),
    })
    b.setGlobalStateRestoreListener({ onRestoreEnd: (_partition, _store, total) => restored.push(total) })
    await a.start()
    produce(400)
    await until(() => sumOf(a) === 400)
    await b.start()
    await until(() => isBalanced([a, b]))
    expect(tasksOf(b, 'standbyTasks')).toEqual(tasksOf(a, 'activeTasks'))
    expect(tasksOf(a, 'standbyTasks')).toEqual(tasksOf(b, 'activeTasks'))
    produce(400)
    // Its own half is fresh, the other half are copies.
    await until(() => sumOf(a) === 800 && sumOf(b) === 800)
    const lags = await b.allLocalStorePartitionLags()
    expect([...lags.get('counts')!.keys()].sort()).toEqual([0, 1, 2, 3])

    restored.length = 0
    const copies = tasksOf(b, 'standbyTasks')
    await a.close()
    await until(() => b.state() === 'RUNNING' && tasksOf(b, 'activeTasks').length === partitions)
    expect(sumOf(b)).toBe(800)
    expect(restored.reduce((sum, count) => sum + count, 0)).toBe(0)
    for (const taskId of copies) expect(heard).toContain(`PROMOTED ${taskId.split('_')[1]}`)
    produce(100)
    await until(() => sumOf(b) === 900)
  })

  test('that a member keeps over a rebalance are not read again', async () => {
    const a = instance('a', storeType, { 'num.standby.replicas': 0 })
    let restored = 0
    a.setGlobalStateRestoreListener({
      onBatchRestored: (_partition, _store, _end, count) => {
        restored += count
      },
    })
    await a.start()
    produce(400)
    await until(() => sumOf(a) === 400)
    const b = instance('b', storeType, { 'num.standby.replicas': 0 })
    await b.start()
    await until(() => tasksOf(a, 'activeTasks').length === 2 && tasksOf(b, 'activeTasks').length === 2)
    await until(() => a.state() === 'RUNNING' && b.state() === 'RUNNING')
    expect(restored).toBe(0)
    produce(400)
    await until(() => sumOf(a) + sumOf(b) === 800)
  })
})

test('a task moves when the copy of its new owner has warmed up', async () => {
  const settings = { 'num.standby.replicas': 0, 'acceptable.recovery.lag': 10, 'probing.rebalance.interval.ms': 60_000 }
  let shiftMs = 0
  const time = { ...systemTime, now: () => Date.now() + shiftMs }
  const a = instance('a', 'rocksDB', settings, time)
  await a.start()
  produce(400)
  await until(() => sumOf(a) === 400)
  const b = instance('b', 'rocksDB', settings, time)
  await b.start()
  await until(() => tasksOf(b, 'standbyTasks').length === 2)
  expect(tasksOf(b, 'activeTasks')).toEqual([])
  expect(tasksOf(a, 'activeTasks').length).toBe(partitions)
  const warmups = tasksOf(b, 'standbyTasks')
  await until(async () => {
    const lags = [...(await b.allLocalStorePartitionLags()).get('counts')!.values()]
    return lags.every(({ offsetLag }) => offsetLag === 0)
  })
  // Where the copies stand is said as of their last write, which comes within a second.
  await until(() => {
    shiftMs += 61_000
    return tasksOf(b, 'activeTasks').length === 2
  })
  expect(tasksOf(b, 'activeTasks')).toEqual(warmups)
})

test('an assignor of one’s own decides', async () => {
  const seen: string[] = []
  const greedy = {
    assign(application: { tasks: ReadonlyMap<string, unknown>; clients: ReadonlyMap<string, unknown> }) {
      const [first] = [...application.clients.keys()].sort()
      seen.push(first!)
      return {
        clients: new Map([[first!, { activeTasks: [...application.tasks.keys()], standbyTasks: [] }]]),
        needsFollowup: false,
      }
    },
  }
  const all = ['a', 'b'].map((name) => instance(name, 'in_memory', { 'task.assignor.class': greedy }))
  for (const streams of all) await streams.start()
  await until(
    () =>
      all
        .map((streams) => tasksOf(streams, 'activeTasks').length)
        .sort()
        .join() === '0,4',
  )
  expect(seen.length).toBeGreaterThan(1)
})
