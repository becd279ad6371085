import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import {
  ClientError,
  Headers,
  type KafkaClientSupplier,
  KafkaStreams,
  readTopic,
  Serdes,
  type TopicPartition,
  topic,
} from 'millrace'
import { embeddedClientSupplier, LogEngine } from 'millrace/embedded'
import { OutputChecksum } from '../workloads/checksum.ts'
import { generate } from '../workloads/generator.ts'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS, type Workload } from '../workloads/workload.ts'
import type { Pass } from './pass.ts'
import { shown } from './shown.ts'

/** Partitions of every topic. */
export const STANDALONE_PARTITIONS = 4

const application = 'bench'
const commitIntervalMs = 100
const pollMs = 20
const recordsPerFlush = 10_000

/**
 * Runs a workload through the bundled log on disk, exactly once, with changelogs and persistent stores: `repeat` times, each
 * with a fresh directory, after an unmeasured pass over a tenth of the records. The clock runs from the start of the
 * application until everything read is committed.
 */
export async function* runStandalone(workload: Workload, count: number, repeat: number): AsyncGenerator<Pass> {
  await pass(workload, Math.ceil(count / 10))
  for (let i = 0; i < repeat; i++) yield await pass(workload, count)
}

async function pass(workload: Workload, count: number): Promise<Pass> {
  const dir = mkdtempSync(join(tmpdir(), 'millrace-bench-'))
  const log = await LogEngine.open({ dir: join(dir, 'log') })
  try {
    const clients = embeddedClientSupplier(log)
    await createTopics(clients, workload)
    await load(clients, workload, count)
    const measured = await run(clients, workload, join(dir, 'state'))
    const sum = await checksumOf(clients, workload)
    return {
      workload,
      mode: 'standalone',
      records: count,
      seconds: measured.seconds,
      recordsPerSec: Math.round(count / measured.seconds),
      checksum: sum.checksum,
      checksumTs: sum.checksumTs,
      cpuSeconds: measured.cpuSeconds,
      rssMb: Math.round(process.memoryUsage().rss / 2 ** 20),
      settings: { partitions: STANDALONE_PARTITIONS, guarantee: 'exactly_once_v2', commitIntervalMs },
    }
  } finally {
    await log.close()
    rmSync(dir, { recursive: true })
  }
}

async function createTopics(clients: KafkaClientSupplier, workload: Workload): Promise<void> {
  const { inputs, output } = WORKLOADS[workload]
  const admin = clients.admin()
  const configs = { 'retention.ms': '-1' }
  await admin.createTopics([...inputs, output].map((name) => ({ name, partitions: STANDALONE_PARTITIONS, configs })))
  await admin.close()
}

async function load(clients: KafkaClientSupplier, workload: Workload, count: number): Promise<void> {
  const producer = clients.producer({ clientId: 'load', transactionalId: undefined, transactionTimeoutMs: 60_000 })
  let sent = 0
  const flushes: Promise<void>[] = []
  generate(workload, count, STANDALONE_PARTITIONS, (name, partition, timestamp, key, value) => {
    producer.send(name, partition, key, value, timestamp, Headers.empty)
    if (++sent % recordsPerFlush === 0) flushes.push(producer.flush())
  })
  await Promise.all(flushes)
  await producer.flush()
  await producer.close()
}

async function run(
  clients: KafkaClientSupplier,
  workload: Workload,
  stateDir: string,
): Promise<{ readonly seconds: number; readonly cpuSeconds: number }> {
  const streams = new KafkaStreams(
    buildWorkload(workload),
    {
      ...uncached,
      'application.id': application,
      'state.dir': stateDir,
      'processing.guarantee': 'exactly_once_v2',
      'commit.interval.ms': commitIntervalMs,
    },
    clients,
  )
  const cpu = process.cpuUsage()
  const started = performance.now()
  await streams.start()
  while (!(await isFinished(streams, clients, WORKLOADS[workload].inputs))) {
    await Promise.race([sleep(pollMs), streams.stopped])
  }
  const seconds = (performance.now() - started) / 1000
  const { user, system } = process.cpuUsage(cpu)
  await streams.close()
  return { seconds, cpuSeconds: (user + system) / 1e6 }
}

/** True when nothing is left to read and all that was read is committed. */
async function isFinished(
  streams: KafkaStreams,
  clients: KafkaClientSupplier,
  inputs: readonly string[],
): Promise<boolean> {
  if (
    streams
      .metadataForLocalThreads()
      .flatMap((thread) => thread.activeTasks)
      .some((task) => task.lag > 0)
  )
    return false
  const admin = clients.admin()
  const repartition = (await admin.listTopics()).filter(
    (name) => name.startsWith(`${application}-`) && name.endsWith('-repartition'),
  )
  const described = [...(await admin.describeTopics([...inputs, ...repartition])).values()]
  const partitions = described.flatMap(({ name, partitions: count }) =>
    Array.from({ length: count }, (_, partition): TopicPartition => ({ topic: name, partition })),
  )
  const group = clients.consumer({ groupId: application, clientId: 'progress', isolation: 'read_committed' })
  const reader = clients.restoreConsumer({ clientId: 'progress', isolation: 'read_committed' })
  try {
    const ends = await admin.endOffsets(partitions, 'read_uncommitted')
    const committed = await group.committed(partitions)
    const open = partitions.filter((each) => (committed.get(each)?.offset ?? 0) < ends.get(each)!)
    return await holdNoRecords(reader, open, committed, ends)
  } catch (error) {
    // The offsets are in a transaction that is still open.
    if (error instanceof ClientError && error.code === 'UNSTABLE_OFFSET_COMMIT') return false
    throw error
  } finally {
    await Promise.all([admin.close(), group.close(), reader.close()])
  }
}

type Reader = ReturnType<KafkaClientSupplier['restoreConsumer']>

/** True when there are only marks of transactions behind the committed offsets. */
async function holdNoRecords(
  reader: Reader,
  partitions: readonly TopicPartition[],
  committed: ReadonlyMap<TopicPartition, { readonly offset: number }>,
  ends: ReadonlyMap<TopicPartition, number>,
): Promise<boolean> {
  reader.assign(partitions)
  for (const each of partitions) reader.seek(each, committed.get(each)?.offset ?? 0)
  while (partitions.some((each) => reader.position(each) < ends.get(each)!)) {
    for (const { records } of await reader.poll(pollMs)) {
      if (records.length > 0) return false
    }
  }
  return true
}

async function checksumOf(clients: KafkaClientSupplier, workload: Workload): Promise<OutputChecksum> {
  const { output, outputValue } = WORKLOADS[workload]
  const bytes = Serdes.bytes()
  const sum = new OutputChecksum()
  for (const { key, value, timestamp } of await readTopic(clients, topic(output, { key: bytes, value: bytes }))) {
    sum.add(shown(key, 'text'), shown(value, outputValue), timestamp)
  }
  return sum
}
