import { Headers, type KafkaClientSupplier, type TopicPartition } from 'millrace'
import { OutputChecksum } from '../workloads/checksum.ts'
import { generate, W4_USERS } from '../workloads/generator.ts'
import { PackedRecords } from '../workloads/packed-records.ts'
import type { TopicNames } from '../workloads/topologies.ts'
import { WORKLOADS, type Workload } from '../workloads/workload.ts'
import { shown } from './shown.ts'

/** Partitions of every topic. */
export const PARTITIONS = 4

const RECORDS_PER_FLUSH = 10_000
const configs = { 'retention.ms': '-1' }

/**
 * The topics of one workload on one log or cluster. As with the peers, inputs of another size than the default have it in their
 * name, and inputs that are there are used again.
 */
export class BenchTopics {
  readonly clients: KafkaClientSupplier
  readonly workload: Workload
  readonly count: number

  constructor(clients: KafkaClientSupplier, workload: Workload, count: number) {
    this.clients = clients
    this.workload = workload
    this.count = count
  }

  /** From the names in the workload's definition to those of topics; `nonce` makes the output one's own. */
  names(nonce: string): TopicNames {
    const { output } = WORKLOADS[this.workload]
    return (name) => (name === output ? `${name}${nonce}` : this.#inputName(name))
  }

  get inputs(): string[] {
    return WORKLOADS[this.workload].inputs.map((name) => this.#inputName(name))
  }

  /** Records in all inputs together. */
  get inputCount(): number {
    return this.workload === 'W4' ? this.count + W4_USERS : this.count
  }

  /**
   * Fills the inputs, which are created first if they are not there; unless they hold their records.
   * @throws Error when they hold another number of records, and when they do so afterwards
   */
  async load(): Promise<void> {
    const admin = this.clients.admin()
    const held = async (): Promise<number> => {
      const ends = await admin.endOffsets(partitionsOf(this.inputs), 'read_uncommitted')
      return [...ends.values()].reduce((sum, end) => sum + end, 0)
    }
    try {
      const there = await admin.describeTopics(this.inputs)
      const missing = this.inputs.filter((name) => !there.has(name))
      if (missing.length > 0) {
        await admin.createTopics(missing.map((name) => ({ name, partitions: PARTITIONS, configs })))
      }
      const before = await held()
      if (before === this.inputCount) return
      const names = this.inputs.join(', ')
      if (before > 0) {
        throw new Error(
          `Topics ${names} hold ${before} records instead of ${this.inputCount}: delete them, and they are made anew.`,
        )
      }
      const acknowledged = await this.#fill()
      const after = await held()
      if (after === this.inputCount && acknowledged === this.inputCount) return
      throw new Error(
        `Topics ${names} hold ${after} records instead of ${this.inputCount} after they were filled, of which ${acknowledged} were acknowledged. Is another process filling them?`,
      )
    } finally {
      await admin.close()
    }
  }

  async createOutput(name: string): Promise<void> {
    const admin = this.clients.admin()
    await admin.createTopics([{ name, partitions: PARTITIONS, configs }])
    await admin.close()
  }

  /** Of what a reader of committed records finds in the output. */
  async checksum(output: string): Promise<OutputChecksum> {
    const { outputValue } = WORKLOADS[this.workload]
    const sum = new OutputChecksum()
    const partitions = partitionsOf([output])
    const admin = this.clients.admin()
    const reader = this.clients.restoreConsumer({ clientId: 'check', isolation: 'read_committed' })
    try {
      const ends = await admin.endOffsets(partitions, 'read_committed')
      reader.assign(partitions)
      reader.seekToBeginning(partitions)
      while (partitions.some((each) => reader.position(each) < ends.get(each)!)) {
        for (const { records } of await reader.poll(100)) {
          for (const { key, value, timestamp } of records)
            sum.add(shown(key, 'text'), shown(value, outputValue), timestamp)
        }
      }
      return sum
    } finally {
      await Promise.all([reader.close(), admin.close()])
    }
  }

  /** Gives how many records were acknowledged. */
  async #fill(): Promise<number> {
    const producer = this.clients.producer({
      clientId: 'load',
      transactionalId: undefined,
      transactionTimeoutMs: 60_000,
    })
    let failure: Error | undefined
    const last = new Map<string, number>()
    producer.setListener({
      onAcknowledged: (topic, partition, offset) => void last.set(`${topic}-${partition}`, offset),
      onSendFailed: (topic, partition, error) => {
        failure ??= new Error(`Loading ${topic}-${partition} failed: ${error.message}`, { cause: error })
      },
    })
    const named = new Map(WORKLOADS[this.workload].inputs.map((name) => [name, this.#inputName(name)]))
    const records = new PackedRecords()
    const parts: number[] = []
    generate(this.workload, this.count, PARTITIONS, (name, partition, timestamp, key, value) => {
      records.add(named.get(name)!, timestamp, key, value)
      parts.push(partition)
    })
    for (let i = 0; i < records.length; i++) {
      producer.send(records.topic(i), parts[i]!, records.key(i), records.value(i), records.timestamp(i), Headers.empty)
      if (i % RECORDS_PER_FLUSH === 0) await producer.flush()
    }
    await producer.flush()
    await producer.close()
    if (failure !== undefined) throw failure
    return [...last.values()].reduce((sum, offset) => sum + offset + 1, 0)
  }

  #inputName(name: string): string {
    return this.count === WORKLOADS[this.workload].count ? name : `${name}-${this.count}`
  }
}

/** All partitions of these topics. */
export function partitionsOf(topics: readonly string[]): TopicPartition[] {
  return topics.flatMap((topic) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))
}
