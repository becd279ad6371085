import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { partitionForKey } from '@millrace/kafka-protocol'
import { Headers, type TopicDeclaration } from '@millrace/serdes'
import type { KafkaClientSupplier } from '../../src/clients/client-supplier.ts'
import { nativeClientSupplier } from '../../src/clients/native/native-client-supplier.ts'
import type { Producer } from '../../src/clients/producer.ts'
import type { Phase } from '../kills/kill-points.ts'
import { type ClickRecord, type CountRecord, faultsIn } from './checker.ts'
import { clicks, counts, partitions, users } from './topology.ts'
import { Worker } from './worker.ts'

/** The cluster that workers use, and how its broker is killed and brought back. */
export interface ChaosCluster {
  readonly bootstrap: string
  readonly sessionTimeoutMs: number
  readonly restartBroker: () => Promise<void>
}

export interface ChaosOptions {
  readonly cluster: ChaosCluster
  readonly workerMain: string
  readonly dir: string
  readonly rounds: number
  readonly actions: readonly ChaosAction[]
  readonly random: () => number
  /** Hears of each round. */
  readonly log: (line: string) => void
}

export interface ChaosResult {
  readonly faults: readonly string[]
  /** How often each thing was done. */
  readonly done: Readonly<Record<string, number>>
  readonly clicks: number
}

const aims = [
  'open-transaction',
  'after-commit',
  'store-batch',
  'rebalance',
  'restore',
] as const satisfies readonly Phase[]
/** What can happen in a round. */
export const chaosActions = [...aims, 'freeze', 'add', 'remove', 'broker'] as const
export type ChaosAction = (typeof chaosActions)[number]
const userCount = 200
/** Unix ms of event time between two clicks. */
const stepMs = 10
/** Event time begins so long ago: a broker deletes what is older than retention, and refuses what is in the future. */
const ageMs = 12 * 3_600_000

/**
 * Runs three to five workers on a known input, while workers are killed at aimed moments, frozen beyond their session, added and
 * removed, and the broker is killed and restarted; then lets them finish, and says what is wrong with the results.
 */
export async function runChaos(options: ChaosOptions): Promise<ChaosResult> {
  const { cluster, rounds, actions, random } = options
  const clients = nativeClientSupplier({ bootstrapServers: cluster.bootstrap, requestTimeoutMs: 5000 })
  const regionOf = new Map(Array.from({ length: userCount }, (_, i) => [`user-${i}`, `region-${i % 7}`]))
  await createTopics(clients)
  const feeder = await Feeder.start(clients, regionOf)
  const pool = new WorkerPool(options)
  const done: Record<string, number> = Object.fromEntries(actions.map((action) => [action, 0]))
  const faults: string[] = []
  try {
    for (let i = 0; i < 3; i += 1) pool.add()
    for (let round = 0; round < rounds; round += 1) {
      const least = Math.min(...Object.values(done))
      const rarest = actions.filter((action) => done[action] === least)
      const action = rarest[Math.floor(random() * rarest.length)]!
      const begin = performance.now()
      const hasHappened = await perform(action, pool, cluster, random)
      if (hasHappened) done[action]! += 1
      const seconds = ((performance.now() - begin) / 1000).toFixed(1)
      options.log(`round ${round + 1}: ${action}${hasHappened ? '' : ', missed'}, ${seconds} s`)
      faults.push(...pool.faults())
      if (faults.length > 0) break
      await sleep(random() * 500)
    }
    faults.push(...(await feeder.stop()))
    options.log('the input has ended')
    const clickRecords = await readAll(clients, clicks)
    const input: ClickRecord[] = clickRecords.map(({ value, timestamp }) => ({ user: value!, timestamp }))
    faults.push(...(await pool.finish(() => isFinished(clients, input.length))))
    const results = (await readAll(clients, counts)).map(
      ({ partition, offset, key, value }): CountRecord => ({
        partition,
        offset,
        region: key!.key,
        windowStart: key!.window.start,
        count: value!,
      }),
    )
    faults.push(...faultsIn(input, regionOf, results))
    return { faults, done, clicks: input.length }
  } finally {
    await feeder.stop()
    await pool.killAll()
  }
}

/** True when it happened. */
async function perform(
  action: ChaosAction,
  pool: WorkerPool,
  cluster: ChaosCluster,
  random: () => number,
): Promise<boolean> {
  const below = (limit: number) => Math.floor(random() * limit)
  switch (action) {
    case 'broker':
      await cluster.restartBroker()
      return true
    case 'add':
      pool.add()
      return true
    case 'remove':
      return pool.remove(below)
    case 'freeze':
      await pool.any(below).freeze(cluster.sessionTimeoutMs * 2)
      return true
    default:
      return pool.killAt(action, below)
  }
}

class WorkerPool {
  readonly #options: ChaosOptions
  readonly #workers: Worker[] = []
  readonly #faults: string[] = []

  constructor(options: ChaosOptions) {
    this.#options = options
  }

  /** At most five run; one more takes the place of one that is gone, with its state, or begins anew. */
  add(phase: Phase | 'none' = 'none', count = 1, turns = 0): Worker {
    let worker = this.#workers.find(({ isRunning }) => !isRunning)
    if (worker === undefined) {
      const dir = join(this.#options.dir, `worker-${this.#workers.length}`)
      mkdirSync(dir, { recursive: true })
      const { workerMain, cluster } = this.#options
      worker = new Worker({ main: workerMain, dir, ...cluster })
      this.#workers.push(worker)
    }
    worker.start(phase, count, turns)
    if (this.#running().length > 5) void this.remove((limit) => limit - 1)
    return worker
  }

  any(below: (limit: number) => number): Worker {
    const running = this.#running()
    return running[below(running.length)]!
  }

  async remove(below: (limit: number) => number): Promise<boolean> {
    const running = this.#running()
    if (running.length <= 2) return false
    const fault = await running[below(running.length)]!.stop()
    if (fault !== undefined) this.#faults.push(`a worker that was told to end: ${fault}`)
    return true
  }

  /** Another worker takes the place of one, and dies at the phase; a third comes after it. */
  async killAt(phase: Phase, below: (limit: number) => number): Promise<boolean> {
    const victim = this.any(below)
    await victim.kill()
    if (phase === 'restore') victim.forgetState()
    victim.start(phase, 1 + below(phase === 'rebalance' || phase === 'restore' ? 1 : 5), below(4))
    // A rebalance comes with the next member.
    if (phase === 'rebalance') void victim.begun.then(() => this.add())
    const died = await victim.died(this.#options.cluster.sessionTimeoutMs * 5)
    if (died === undefined) await victim.kill()
    victim.start()
    return died === phase
  }

  /** What workers said that ended without being told to. */
  faults(): readonly string[] {
    for (const worker of this.#workers) {
      const { fault } = worker
      if (fault === undefined || fault === '') continue
      this.#faults.push(`a worker ended by itself: ${fault}`)
      worker.start()
    }
    return this.#faults.splice(0)
  }

  /** Lets all go on until everything is processed, then end. */
  async finish(isFinished: () => Promise<boolean>): Promise<readonly string[]> {
    while (this.#running().length < 2) this.add()
    const deadline = Date.now() + 120_000
    while (!(await isFinished())) {
      if (Date.now() > deadline) return [...this.faults(), 'not everything was processed within two minutes']
      await sleep(200)
    }
    for (const worker of this.#running()) {
      const fault = await worker.stop()
      if (fault !== undefined) this.#faults.push(`a worker that was told to end: ${fault}`)
    }
    return this.faults()
  }

  async killAll(): Promise<void> {
    for (const worker of this.#workers) await worker.kill()
  }

  #running(): Worker[] {
    return this.#workers.filter(({ isRunning }) => isRunning)
  }
}

/** Writes clicks all the time. */
class Feeder {
  readonly #producer: Producer
  readonly #faults: string[] = []
  readonly #timer: NodeJS.Timeout
  readonly #beginMs: number
  #sent = 0
  #isStopped = false

  static async start(clients: KafkaClientSupplier, regionOf: ReadonlyMap<string, string>): Promise<Feeder> {
    const producer = clients.producer({ clientId: 'feeder', transactionalId: undefined, transactionTimeoutMs: 60_000 })
    const names = [...regionOf.keys()]
    const beginMs = Date.now() - ageMs
    for (const [i, user] of names.entries()) {
      const [key, value] = [users.keySerde.serialize('', user), users.valueSerde.serialize('', regionOf.get(user)!)]
      producer.send(users.name, partitionForKey(key!, partitions), key, value, beginMs, Headers.empty)
      if (i === names.length - 1) await producer.flush()
    }
    return new Feeder(producer, names, beginMs)
  }

  private constructor(producer: Producer, names: readonly string[], beginMs: number) {
    this.#producer = producer
    this.#beginMs = beginMs
    producer.setListener({
      onAcknowledged: () => undefined,
      onSendFailed: (_topic, _partition, error) => this.#faults.push(`input was not written: ${error.message}`),
    })
    this.#timer = setInterval(() => this.#send(names), 20)
  }

  async stop(): Promise<readonly string[]> {
    if (this.#isStopped) return []
    this.#isStopped = true
    clearInterval(this.#timer)
    await this.#producer.flush()
    await this.#producer.close()
    return this.#faults
  }

  #send(names: readonly string[]): void {
    if (this.#producer.bufferedBytes() > 500_000) return
    for (let i = 0; i < 10; i += 1) {
      const user = names[(this.#sent * 7919) % names.length]!
      const value = clicks.valueSerde.serialize('', user)
      const timestamp = this.#beginMs + this.#sent * stepMs
      this.#producer.send(clicks.name, this.#sent % partitions, null, value, timestamp, Headers.empty)
      this.#sent += 1
    }
  }
}

async function createTopics(clients: KafkaClientSupplier): Promise<void> {
  const admin = clients.admin()
  await admin.createTopics([clicks, users, counts].map(({ name }) => ({ name, partitions, configs: {} })))
  await admin.close()
}

async function isFinished(clients: KafkaClientSupplier, clickCount: number): Promise<boolean> {
  const last = new Map<string, number>()
  for (const { key, value } of await readAll(clients, counts)) last.set(`${key!.key}@${key!.window.start}`, value!)
  return [...last.values()].reduce((sum, count) => sum + count, 0) >= clickCount
}

interface ReadRecord<K, V> {
  readonly partition: number
  readonly offset: number
  readonly timestamp: number
  readonly key: K | null
  readonly value: V | null
}

/** A topic's committed records. */
async function readAll<K, V>(clients: KafkaClientSupplier, topic: TopicDeclaration<K, V>): Promise<ReadRecord<K, V>[]> {
  const admin = clients.admin()
  const consumer = clients.restoreConsumer({ clientId: 'checker', isolation: 'read_committed' })
  const all = Array.from({ length: partitions }, (_, partition) => ({ topic: topic.name, partition }))
  const ends = await admin.endOffsets(all, 'read_committed')
  consumer.assign(all)
  consumer.seekToBeginning(all)
  const found: ReadRecord<K, V>[] = []
  while (all.some((partition) => consumer.position(partition) < ends.get(partition)!)) {
    for (const { partition, records } of await consumer.poll(100)) {
      for (const { offset, timestamp, key, value, headers } of records) {
        found.push({
          partition,
          offset,
          timestamp,
          key: topic.keySerde.deserialize(topic.name, key, headers),
          value: topic.valueSerde.deserialize(topic.name, value, headers),
        })
      }
    }
  }
  await consumer.close()
  await admin.close()
  return found
}
