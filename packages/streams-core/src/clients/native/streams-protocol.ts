// What Millrace's members of a group say to one another. The envelope is Kafka's ConsumerProtocol, so that tools show who reads
// what; its user data are ours, big-endian:
//
//   int16 version, 1 | int32 generation in which the partitions below were held, -1: none | array of (string topic, array of
//   int32): those partitions
//
// A later version may only add at the end: a reader takes what it knows.

import {
  byTopic,
  type Cluster,
  type GroupProtocol,
  readSubscription,
  writeAssignment,
  writeSubscription,
} from '@millrace/kafka-client'
import { ProtocolReader, ProtocolWriter } from '@millrace/kafka-protocol/messages'
import type { TopicPartition } from '../consumer.ts'
import { type AssignedMember, assignTasks } from './task-assignor.ts'

/** The name under which the members find one another; Java's `stream` members cannot join such a group, nor we theirs. */
export const streamsProtocolName = 'millrace'

const subscriptionVersion = 1

/** What a member had before, for the leader. */
export interface StreamsSubscription {
  readonly generationId: number
  readonly previous: readonly TopicPartition[]
}

export function writeStreamsSubscription({ generationId, previous }: StreamsSubscription): Uint8Array {
  const writer = new ProtocolWriter()
  writer.int16(subscriptionVersion)
  writer.int32(generationId)
  const topics = byTopic(previous)
  writer.count(topics.size, false)
  for (const [topic, own] of topics) {
    writer.string(topic, false)
    writer.count(own.length, false)
    for (const { partition } of own) writer.int32(partition)
  }
  return writer.finishWhole()
}

/** Null: a member without history. */
export function readStreamsSubscription(bytes: Uint8Array | null | undefined): StreamsSubscription {
  if (bytes === null || bytes === undefined) return { generationId: -1, previous: [] }
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

/** `member`: what the member of now subscribes to, and had last. */
export function streamsProtocol(
  cluster: Cluster,
  member: { topics(): readonly string[]; previous(): readonly TopicPartition[] },
): GroupProtocol {
  return {
    name: streamsProtocolName,
    subscription: (generationId) =>
      writeSubscription({
        topics: member.topics(),
        ownedPartitions: [],
        userData: writeStreamsSubscription({ generationId, previous: member.previous() }),
      }),
    async assign(joined) {
      const members = joined.map(({ memberId, metadata }): AssignedMember & StreamsSubscription => {
        const { topics, userData } = readSubscription(metadata)
        return { memberId, topics, ...readStreamsSubscription(userData) }
      })
      await cluster.refresh([...new Set(members.flatMap(({ topics }) => topics))])
      const newestFirst = members.sort((a, b) => b.generationId - a.generationId)
      const assignment = assignTasks(newestFirst, (topic) => cluster.knownTopic(topic)?.partitions.length ?? 0)
      return [...assignment].map(([memberId, partitions]) => ({ memberId, assignment: writeAssignment(partitions) }))
    },
  }
}
