import { setTimeout as sleep } from 'node:timers/promises'
import { ClientError, type KafkaClientSupplier, KafkaStreams, type TopicPartition } from 'millrace'
import { buildWorkload, uncached } from '../workloads/topologies.ts'
import { WORKLOADS, type Workload } from '../workloads/workload.ts'
import { type BenchTopics, PARTITIONS, partitionsOf } from './bench-topics.ts'
import type { Pass } from './pass.ts'
import { cpuSecondsSince, peakRssMb } from './process-usage.ts'

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
  await streams.start()
  const progress = new Progress(clients, application, topics.inputs, workload, settings.guarantee)
  while (!(await progress.isFinished())) await Promise.race([sleep(POLL_MS), streams.stopped])
  const end = performance.now()
  const cpuSeconds = clock.cpuSeconds()
  const rssMb = peakRssMb()
  await Promise.all([streams.close(), progress.close()])
  const sum = await topics.checksum(output)
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

/** Clients that note when a consumer of the application first gives records. */
class FirstRecordClock {
  readonly clients: KafkaClientSupplier
  firstRecordAt = 0
  #cpu: NodeJS.CpuUsage = process.cpuUsage()

  constructor(clients: KafkaClientSupplier) {
    this.clients = {
      ...clients,
      consumer: (options) => {
        const consumer = clients.consumer(options)
        const poll = consumer.poll.bind(consumer)
        consumer.poll = async (timeoutMs) => {
          const polled = await poll(timeoutMs)
          if (this.firstRecordAt === 0 && polled.some(({ records }) => records.length > 0)) this.#start()
          return polled
        }
        return consumer
      },
    }
  }

  cpuSeconds(): number {
    return cpuSecondsSince(this.#cpu)
  }

  #start(): void {
    this.firstRecordAt = performance.now()
    this.#cpu = process.cpuUsage()
  }
}

/** Whether the committed offsets of inputs and repartition topics have reached their ends. */
class Progress {
  readonly #admin: ReturnType<KafkaClientSupplier['admin']>
  readonly #group: ReturnType<KafkaClientSupplier['consumer']>
  readonly #inputs: readonly TopicPartition[]
  readonly #repartition: readonly TopicPartition[]
  /** Of a repartition partition the last offset is a mark of a transaction. */
  readonly #marks: number
  #inputEnds: ReadonlyMap<TopicPartition, number> | undefined

  constructor(
    clients: KafkaClientSupplier,
    application: string,
    inputs: readonly string[],
    workload: Workload,
    guarantee: Guarantee,
  ) {
    this.#admin = clients.admin()
    this.#group = clients.consumer({ groupId: application, clientId: 'progress', isolation: 'read_committed' })
    this.#inputs = partitionsOf(inputs)
    this.#repartition = workload === 'W2' ? partitionsOf([`${application}-counts-repartition`]) : []
    this.#marks = guarantee === 'exactly_once_v2' ? 1 : 0
  }

  async isFinished(): Promise<boolean> {
    this.#inputEnds ??= await this.#admin.endOffsets(this.#inputs, 'read_uncommitted')
    if (!(await this.#reached(this.#inputs, this.#inputEnds, 0))) return false
    if (this.#repartition.length === 0) return true
    const ends = await this.#admin.endOffsets(this.#repartition, 'read_uncommitted')
    return await this.#reached(this.#repartition, ends, this.#marks)
  }

  async close(): Promise<void> {
    await Promise.all([this.#admin.close(), this.#group.close()])
  }

  async #reached(
    partitions: readonly TopicPartition[],
    ends: ReadonlyMap<TopicPartition, number>,
    slack: number,
  ): Promise<boolean> {
    try {
      const committed = await this.#group.committed(partitions)
      return partitions.every((each) => (committed.get(each)?.offset ?? 0) >= ends.get(each)! - slack)
    } catch (error) {
      // The offsets are in a transaction that is still open.
      if (error instanceof ClientError && error.code === 'UNSTABLE_OFFSET_COMMIT') return false
      throw error
    }
  }
}
