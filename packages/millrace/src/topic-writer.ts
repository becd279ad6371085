import { partitionForKey } from '@millrace/kafka-protocol'
import { Headers, type TopicDeclaration } from '@millrace/serdes'
import type { Producer } from '@millrace/streams-core'

/**
 * Writes records to declared topics through a producer: each with the topic's serdes, to the partition that murmur2 of the
 * key chooses, as every Kafka producer does. Records without a key go to the partitions in turn.
 *
 * The producer stays the caller's: it begins and commits transactions, flushes and closes it.
 */
export class TopicWriter {
  readonly #producer: Producer
  #keyless = 0

  constructor(producer: Producer) {
    this.#producer = producer
  }

  /**
   * Lets the topic's serdes fetch or register what they need to write: schemas in a registry. Others need no call.
   * @throws SerdeNotReadyError when it may succeed later
   */
  async prepare(topic: TopicDeclaration<unknown, unknown>): Promise<void> {
    for (const serde of [topic.keySerde, topic.valueSerde]) await serde.prepare?.(topic.name, 'serialize')
  }

  /**
   * Takes one record into the partition's open batch. `timestamp`: Unix ms.
   * @throws SerializationError when key or value are not of the topic's types
   */
  send<K, V>(
    topic: TopicDeclaration<K, V>,
    key: K | null,
    value: V | null,
    timestamp: number,
    headers: Headers = Headers.empty,
  ): void {
    const keyBytes = topic.keySerde.serialize(topic.name, key, headers)
    const valueBytes = topic.valueSerde.serialize(topic.name, value, headers)
    this.#producer.send(topic.name, this.#partition(topic.name, keyBytes), keyBytes, valueBytes, timestamp, headers)
  }

  #partition(topic: string, key: Uint8Array | null): number {
    const count = this.#producer.partitionCount(topic)
    return key === null ? this.#keyless++ % count : partitionForKey(key, count)
  }
}
