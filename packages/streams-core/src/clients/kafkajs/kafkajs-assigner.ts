import { readSubscription, writeAssignment, writeSubscription } from '@millrace/kafka-protocol'
import type { PartitionAssigner } from 'kafkajs'
import type { GroupAssignor } from '../group/group-assignor.ts'
import type { TopicWidths } from './topic-widths.ts'

/** Members on kafkajs keep to themselves: what their leaders say to members beside the partitions is lost in kafkajs. */
export const kafkaJsProtocolName = 'millrace-kafkajs'

/** Our assignor as one of kafkajs. `generationId`: of the member's last assignment, -1 before the first. */
export function kafkaJsAssigner(
  assignor: GroupAssignor,
  widths: TopicWidths,
  generationId: () => number,
): PartitionAssigner {
  return () => ({
    name: kafkaJsProtocolName,
    version: 1,
    protocol({ topics }) {
      const userData = assignor.userData(generationId())
      const metadata = Buffer.from(writeSubscription({ topics, ownedPartitions: [], userData }))
      return { name: kafkaJsProtocolName, metadata }
    },
    async assign({ members }) {
      const subscribed = members.map(({ memberId, memberMetadata }) => {
        const { topics, ownedPartitions, userData = null } = readSubscription(memberMetadata)
        return { memberId, groupInstanceId: undefined, topics, ownedPartitions, userData }
      })
      await widths.refresh([...new Set(subscribed.flatMap(({ topics }) => topics))])
      const assigned = await assignor.assign(subscribed, (topic) => widths.get(topic) ?? 0)
      return [...assigned].map(([memberId, { partitions }]) => ({
        memberId,
        memberAssignment: Buffer.from(writeAssignment(partitions)),
      }))
    },
  })
}
