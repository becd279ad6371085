// What consumers say to one another through the group's coordinator (ConsumerProtocol), all big-endian:
//
//   subscription   int16 version | array of strings: topics | bytes: user data | from v1: array of (string topic, array of
//                  int32): owned partitions | from v2: int32 generation | from v3: nullable string rack
//   assignment     int16 version | array of (string topic, array of int32): partitions | bytes: user data

import { ProtocolReader, ProtocolWriter } from '@millrace/kafka-protocol/messages'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** What a consumer tells the one that assigns. */
export interface Subscription {
  readonly topics: readonly string[]
  readonly ownedPartitions: readonly TopicPartition[]
  /** What the assignor of the group understands; default null. */
  readonly userData?: Uint8Array | null
}

export function writeSubscription({ topics, ownedPartitions, userData = null }: Subscription): Uint8Array {
  const writer = new ProtocolWriter()
  writer.int16(1)
  writer.count(topics.length, false)
  for (const topic of topics) writer.string(topic, false)
  writer.bytes(userData, false)
  writePartitions(writer, ownedPartitions)
  return writer.finishWhole()
}

export function readSubscription(bytes: Uint8Array): Subscription {
  const reader = new ProtocolReader(bytes)
  const version = reader.int16()
  const topics: string[] = []
  for (let left = reader.count(false, 2); left > 0; left--) topics.push(reader.string(false) ?? '')
  const userData = reader.bytes(false)
  return { topics, userData, ownedPartitions: version >= 1 && reader.remaining > 0 ? readPartitions(reader) : [] }
}

export function writeAssignment(partitions: readonly TopicPartition[]): Uint8Array {
  const writer = new ProtocolWriter()
  writer.int16(0)
  writePartitions(writer, partitions)
  writer.bytes(null, false)
  return writer.finishWhole()
}

/** Empty bytes are an empty assignment. */
export function readAssignment(bytes: Uint8Array): TopicPartition[] {
  if (bytes.byteLength === 0) return []
  const reader = new ProtocolReader(bytes)
  reader.int16()
  return readPartitions(reader)
}

function writePartitions(writer: ProtocolWriter, partitions: readonly TopicPartition[]): void {
  const topics = byTopic(partitions)
  writer.count(topics.size, false)
  for (const [topic, own] of topics) {
    writer.string(topic, false)
    writer.count(own.length, false)
    for (const { partition } of own) writer.int32(partition)
  }
}

function readPartitions(reader: ProtocolReader): TopicPartition[] {
  const partitions: TopicPartition[] = []
  for (let topics = reader.count(false, 6); topics > 0; topics--) {
    const topic = reader.string(false) ?? ''
    for (let left = reader.count(false, 4); left > 0; left--) partitions.push({ topic, partition: reader.int32() })
  }
  return partitions
}
