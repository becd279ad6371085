import type { KafkaClientSupplier } from '../client-supplier.ts'
import type { Consumer, ConsumerRecord, PartitionRecords, RebalanceListener, TopicPartition } from '../consumer.ts'
import type { Producer } from '../producer.ts'

/** How a test is declared: `test` of vitest or of node:test. */
export type SuiteTest = (name: string, run: () => Promise<void>) => void

/** What the suite runs on. */
export interface ClientSuiteOptions {
  readonly test: SuiteTest
  /** Clients of one log; the same log for all tests. */
  readonly clients: () => KafkaClientSupplier
  /** Does the adapter share partitions among several members of a group? Otherwise one has them all. */
  readonly sharesPartitions: boolean
  /** Does a rebalance wait for members to give their partitions back? Otherwise they only hear that these are lost. Default true. */
  readonly revokes?: boolean
  /** Can headers have null values? Otherwise they become empty. Default true. */
  readonly nullHeaders?: boolean
  /** Makes names that no earlier run on the same log has used. */
  readonly uniqueName: (prefix: string) => string
}

/** One topic, and clients that are closed when the test ends. */
export interface Scene {
  readonly clients: KafkaClientSupplier
  readonly topic: string
  readonly group: string
  producer(transactionalId?: string): Producer
  reader(isolation?: 'read_committed' | 'read_uncommitted'): Consumer
  member(isolation?: 'read_committed' | 'read_uncommitted'): Consumer
}

/** Declares a test on a topic of its own. */
export function withScene(
  { test, clients, uniqueName }: ClientSuiteOptions,
  name: string,
  partitions: number,
  run: (scene: Scene) => Promise<void>,
): void {
  test(name, async () => {
    const supplier = clients()
    const closing: (() => Promise<void>)[] = []
    const opened = <T extends { close(): Promise<void> }>(client: T): T => {
      closing.push(() => client.close())
      return client
    }
    const topic = uniqueName('topic')
    const group = uniqueName('group')
    const admin = opened(supplier.admin())
    // The records are old: a broker would delete them.
    await admin.createTopics([{ name: topic, partitions, configs: { 'retention.ms': '-1' } }])
    try {
      await run({
        clients: supplier,
        topic,
        group,
        producer: (transactionalId) =>
          opened(supplier.producer({ clientId: 'suite', transactionalId, transactionTimeoutMs: 20_000 })),
        reader: (isolation = 'read_committed') => opened(supplier.restoreConsumer({ clientId: 'suite', isolation })),
        member: (isolation = 'read_committed') =>
          opened(supplier.consumer({ clientId: 'suite', groupId: group, isolation })),
      })
    } finally {
      for (const close of closing.reverse()) await close()
    }
  })
}

/** Polls until `isDone` or the patience ends, and returns everything that was read. */
export async function pollUntil(
  consumer: Consumer,
  isDone: (read: readonly PartitionRecords[]) => boolean,
  polls = 600,
): Promise<readonly PartitionRecords[]> {
  const read: PartitionRecords[] = []
  for (let left = polls; left > 0 && !isDone(read); left -= 1) read.push(...(await consumer.poll(20)))
  return read
}

/** Reads a partition by a consumer of its own until so many records have come. */
export async function readAll(
  consumer: Consumer,
  partition: TopicPartition,
  count: number,
): Promise<readonly ConsumerRecord[]> {
  consumer.assign([partition])
  consumer.seekToBeginning([partition])
  const read = await pollUntil(consumer, (found) => recordsOf(found).length >= count)
  return recordsOf(read)
}

export function recordsOf(read: readonly PartitionRecords[]): readonly ConsumerRecord[] {
  return read.flatMap(({ records }) => records)
}

/** `p:value` of each record, in the order of arrival. */
export function valuesOf(read: readonly PartitionRecords[]): readonly string[] {
  return read.flatMap(({ partition, records }) => records.map(({ value }) => `${partition}:${textOf(value)}`))
}

export function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text)
}

export function textOf(bytes: Uint8Array | null): string | null {
  return bytes === null ? null : new TextDecoder().decode(bytes)
}

/** A listener that writes down what it hears. */
export function recordingListener(
  consumer: Consumer,
): RebalanceListener & { readonly heard: string[]; readonly owned: TopicPartition[] } {
  const heard: string[] = []
  const owned: TopicPartition[] = []
  return {
    heard,
    owned,
    async onAssigned(partitions) {
      if (partitions.length > 0) heard.push(`assigned ${namesOf(partitions)}`)
      owned.push(...partitions)
      const committed = await consumer.committed(partitions)
      for (const partition of partitions) consumer.seek(partition, committed.get(partition)?.offset ?? 0)
    },
    async onRevoked(partitions) {
      heard.push(`revoked ${namesOf(partitions)}`)
      for (const gone of partitions) {
        const at = owned.findIndex(({ topic, partition }) => topic === gone.topic && partition === gone.partition)
        owned.splice(at, 1)
      }
    },
    async onLost(partitions) {
      heard.push(`lost ${namesOf(partitions)}`)
      owned.length = 0
    },
  }
}

function namesOf(partitions: readonly TopicPartition[]): string {
  return partitions
    .map(({ partition }) => partition)
    .sort()
    .join(',')
}
