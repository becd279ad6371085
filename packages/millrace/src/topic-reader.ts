import type { TopicDeclaration } from '@millrace/serdes'
import type { KafkaClientSupplier } from '@millrace/streams-core'

/** A record as it was read from a topic. */
export interface ReceivedRecord<K, V> {
  readonly partition: number
  readonly offset: number
  /** Unix ms. */
  readonly timestamp: number
  readonly key: K | null
  readonly value: V | null
}

/** What to read. */
export interface ReadOptions {
  /** Default `read_committed`: records of open or aborted transactions are left out. */
  readonly isolation?: 'read_committed' | 'read_uncommitted'
}

/**
 * Reads a topic from its beginning to the end that it has now, without a group. Each partition's records are in their order.
 * @throws SerializationError when bytes are not of the topic's types
 */
export async function readTopic<K, V>(
  clients: KafkaClientSupplier,
  topic: TopicDeclaration<K, V>,
  { isolation = 'read_committed' }: ReadOptions = {},
): Promise<readonly ReceivedRecord<K, V>[]> {
  const admin = clients.admin()
  const consumer = clients.restoreConsumer({ clientId: `reader-${topic.name}`, isolation })
  try {
    const count = (await admin.describeTopics([topic.name])).get(topic.name)?.partitions ?? 0
    for (const serde of [topic.keySerde, topic.valueSerde]) await serde.prepare?.(topic.name, 'deserialize')
    const partitions = Array.from({ length: count }, (_, partition) => ({ topic: topic.name, partition }))
    const ends = await admin.endOffsets(partitions, isolation)
    consumer.assign(partitions)
    consumer.seekToBeginning(partitions)
    const received: ReceivedRecord<K, V>[] = []
    while (partitions.some((partition) => consumer.position(partition) < ends.get(partition)!)) {
      for (const { partition, records } of await consumer.poll(pollMs)) {
        for (const { offset, timestamp, key, value, headers } of records) {
          received.push({
            partition,
            offset,
            timestamp,
            key: topic.keySerde.deserialize(topic.name, key, headers),
            value: topic.valueSerde.deserialize(topic.name, value, headers),
          })
        }
      }
    }
    return received
  } finally {
    await consumer.close()
    await admin.close()
  }
}

const pollMs = 100
