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

  /** Creates the inputs with their records, unless they are there. @throws Error when they hold another number of records */
  async load(): Promise<void> {
    const admin = this.clients.admin()
    try {
      const there = await admin.describeTopics(this.inputs)
      if (there.size === 0) {
        await admin.createTopics(this.inputs.map((name) => ({ name, partitions: PARTITIONS, configs })))
        await this.#fill()
      }
      const wanted = this.workload === 'W4' ? this.count + W4_USERS : this.count
      const ends = await admin.endOffsets(partitionsOf(this.inputs), 'read_uncommitted')
      const held = [...ends.values()].reduce((sum, end) => sum + end, 0)
      if (held === wanted) return
      throw new Error(
        `Topics ${this.inputs.join(', ')} hold ${held} records instead of ${wanted}: delete them, and they are made anew.`,
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

  async #fill(): Promise<void> {
    const producer = this.clients.producer({
      clientId: 'load',
      transactionalId: undefined,
      transactionTimeoutMs: 60_000,
    })
    let failure: Error | undefined
    producer.setListener({
      onAcknowledged: () => {},
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
  }

  #inputName(name: string): string {
    return this.count === WORKLOADS[this.workload].count ? name : `${name}-${this.count}`
  }
}

/** All partitions of these topics. */
export function partitionsOf(topics: readonly string[]): TopicPartition[] {
  return topics.flatMap((topic) => Array.from({ length: PARTITIONS }, (_, partition) => ({ topic, partition })))
}
