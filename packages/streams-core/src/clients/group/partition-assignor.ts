// How consumers share the partitions of their topics when nobody tells them another way. Their user data, big-endian:
//
//   int16 version, 1 | int32 generation in which the partitions below were held, -1: none | array of (string topic, array of
//   int32): those partitions
//
// A later version may only add at the end: a reader takes what it knows.

import { ProtocolReader, ProtocolWriter } from '@millrace/kafka-protocol'
import type { TopicPartition } from '../consumer.ts'
import { assignPartitions } from './assign-partitions.ts'
import type { GroupAssignor } from './group-assignor.ts'

const historyVersion = 1

/** What a member had before, for the leader. */
export interface PartitionHistory {
  readonly generationId: number
  readonly previous: readonly TopicPartition[]
}

export function writePartitionHistory({ generationId, previous }: PartitionHistory): Uint8Array {
  const writer = new ProtocolWriter()
  writer.int16(historyVersion)
  writer.int32(generationId)
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of previous) {
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
  return writer.finishWhole()
}

/** Null: a member without history. */
export function readPartitionHistory(bytes: Uint8Array | null): PartitionHistory {
  if (bytes === null) return { generationId: -1, previous: [] }
  const reader = new ProtocolReader(bytes)
  reader.int16()
  const generationId = reader.int32()
  const previous: TopicPartition[] = []
  for (let topics = reader.count(false, 6); topics > 0; topics -= 1) {
    const topic = reader.string(false) ?? ''
    for (let left = reader.count(false, 4); left > 0; left -= 1) previous.push({ topic, partition: reader.int32() })
  }
  return { generationId, previous }
}

/** Partitions of the same number go to the same member, and stay where they were as far as the balance allows. */
export function partitionAssignor(): GroupAssignor {
  let previous: readonly TopicPartition[] = []
  return {
    name: 'millrace',
    userData: (generationId) => writePartitionHistory({ generationId, previous }),
    async assign(members, partitionCount) {
      const known = members.map((member) => ({ ...member, ...readPartitionHistory(member.userData) }))
      const newestFirst = known.sort((a, b) => b.generationId - a.generationId)
      const assigned = assignPartitions(newestFirst, partitionCount)
      return new Map([...assigned].map(([memberId, partitions]) => [memberId, { partitions, userData: null }]))
    },
    onAssignment({ partitions }) {
      previous = partitions
    },
  }
}
