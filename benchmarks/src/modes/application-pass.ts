import { setTimeout as sleep } from 'node:timers/promises'
import { KafkaStreams } from 'millrace'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS } from '../workloads/workload.ts'
import { type BenchTopics, PARTITIONS, partitionsOf } from './bench-topics.ts'
import { FirstRecordClock } from './first-record-clock.ts'
import type { Pass } from './pass.ts'
import { peakRssMb } from './process-usage.ts'
import { Progress } from './progress.ts'

export type Guarantee = 'exactly_once_v2' | 'at_least_once'

/** How an application is run. */
export interface ApplicationSettings {
  readonly guarantee: Guarantee
  readonly threads: number
  /** Of `in-memory` stores nothing survives the process. */
  readonly store: 'persistent' | 'in-memory'
  readonly commitIntervalMs: number
}

export const DEFAULT_SETTINGS: ApplicationSettings = {
  guarantee: 'exactly_once_v2',
  threads: 1,
  store: 'persistent',
  commitIntervalMs: 100,
}

const POLL_MS = 20

let runs = 0

/**
 * Runs one application over loaded inputs until all it read is committed, and reads its output back. The clock starts when it gets
 * its first record.
 */
export async function applicationPass(
  mode: 'standalone' | 'cluster',
  topics: BenchTopics,
  settings: ApplicationSettings,
  stateDir: string,
): Promise<Pass> {
  const { clients, workload, count } = topics
  const nonce = `-${process.pid.toString(36)}-${Date.now().toString(36)}-${runs++}`
  const names = topics.names(nonce)
  const application = `bench-${workload.toLowerCase()}${nonce}`
  const output = names(WORKLOADS[workload].output)
  await topics.createOutput(output)
  const clock = new FirstRecordClock(clients)
  const streams = new KafkaStreams(
    buildWorkload(workload, names),
    {
      ...uncached,
      'application.id': application,
      'state.dir': stateDir,
      'processing.guarantee': settings.guarantee,
      'commit.interval.ms': settings.commitIntervalMs,
      'num.stream.threads': settings.threads,
      'default.dsl.store': settings.store === 'persistent' ? 'rocksDB' : 'in_memory',
    },
    clock.clients,
  )
  const started = performance.now()
  const progress = new Progress(clients, application, {
    inputs: partitionsOf(topics.inputs),
    inputCount: topics.inputCount,
    repartition: workload === 'W2' ? partitionsOf([`${application}-counts-repartition`]) : [],
    marksTransactions: settings.guarantee === 'exactly_once_v2',
  })
  let end: number
  let cpuSeconds: number
  let rssMb: number
  try {
    await streams.start()
    while (!(await progress.isFinished())) {
      if (streams.state() === 'NOT_RUNNING') throw new Error(`${workload} stopped before it had read its input.`)
      await Promise.race([sleep(POLL_MS), streams.stopped])
    }
    end = performance.now()
    cpuSeconds = clock.cpuSeconds()
    rssMb = peakRssMb()
  } finally {
    await Promise.all([streams.close(), progress.close()])
  }
  const sum = await topics.checksum(output)
  if (clock.firstRecordAt === 0 || sum.count === 0) {
    throw new Error(`${workload} ended without records: ${sum.count} in its output '${output}'.`)
  }
  const seconds = (end - clock.firstRecordAt) / 1000
  return {
    workload,
    mode,
    records: count,
    startupSeconds: (clock.firstRecordAt - started) / 1000,
    seconds,
    recordsPerSec: Math.round(count / seconds),
    checksum: sum.checksum,
    checksumTs: sum.checksumTs,
    cpuSeconds,
    rssMb,
    settings: { partitions: PARTITIONS, ...settings },
  }
}
