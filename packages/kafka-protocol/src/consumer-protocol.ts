// What the members of a consumer group say to one another through the coordinator (ConsumerProtocol), all big-endian:
//
//   subscription   int16 version | array of strings: topics | bytes: user data | from v1: array of (string topic, array of
//                  int32): owned partitions | from v2: int32 generation | from v3: nullable string rack
//   assignment     int16 version | array of (string topic, array of int32): partitions | bytes: user data

import { ProtocolReader, ProtocolWriter } from './primitives.ts'

/** A partition by name. */
interface NamedPartition {
  readonly topic: string
  readonly partition: number
}

/** What a member tells the one that assigns. */
export interface ConsumerSubscription {
  readonly topics: readonly string[]
  readonly ownedPartitions: readonly NamedPartition[]
  /** What the assignor of the group understands; default null. */
  readonly userData?: Uint8Array | null
}

/** What a member is given. */
export interface ConsumerAssignment {
  readonly partitions: readonly NamedPartition[]
  /** What the assignor of the group understands. */
  readonly userData: Uint8Array | null
}

/** @see org.apache.kafka.clients.consumer.internals.ConsumerProtocol */
export function writeSubscription({ topics, ownedPartitions, userData = null }: ConsumerSubscription): Uint8Array {
  const writer = new ProtocolWriter()
  writer.int16(1)
  writer.count(topics.length, false)
  for (const topic of topics) writer.string(topic, false)
  writer.bytes(userData, false)
  writePartitions(writer, ownedPartitions)
  return writer.finishWhole()
}

/** Fields of later versions are left alone. @throws ProtocolError */
export function readSubscription(bytes: Uint8Array): ConsumerSubscription {
  const reader = new ProtocolReader(bytes)
  const version = reader.int16()
  const topics: string[] = []
  for (let left = reader.count(false, 2); left > 0; left -= 1) topics.push(reader.string(false) ?? '')
  const userData = reader.bytes(false)
  return { topics, userData, ownedPartitions: version >= 1 && reader.remaining > 0 ? readPartitions(reader) : [] }
}

export function writeAssignment(partitions: readonly NamedPartition[], userData: Uint8Array | null = null): Uint8Array {
  const writer = new ProtocolWriter()
  writer.int16(0)
  writePartitions(writer, partitions)
  writer.bytes(userData, false)
  return writer.finishWhole()
}

/** Empty bytes are an empty assignment. @throws ProtocolError */
export function readAssignment(bytes: Uint8Array): ConsumerAssignment {
  if (bytes.byteLength === 0) return { partitions: [], userData: null }
  const reader = new ProtocolReader(bytes)
  reader.int16()
  const partitions = readPartitions(reader)
  return { partitions, userData: reader.remaining > 0 ? reader.bytes(false) : null }
}

function writePartitions(writer: ProtocolWriter, partitions: readonly NamedPartition[]): void {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) {
    const own = topics.get(topic)
    if (own === undefined) topics.set(topic, [partition])
    else own.push(partition)
  }
  writer.count(topics.size, false)
  for (const [topic, own] of topics) {
    writer.string(topic, false)
    writer.count(own.length, false)
    for (const partition of own) writer.int32(partition)
  }
}

function readPartitions(reader: ProtocolReader): NamedPartition[] {
  const partitions: NamedPartition[] = []
  for (let topics = reader.count(false, 6); topics > 0; topics -= 1) {
    const topic = reader.string(false) ?? ''
    for (let left = reader.count(false, 4); left > 0; left -= 1) partitions.push({ topic, partition: reader.int32() })
  }
  return partitions
}
