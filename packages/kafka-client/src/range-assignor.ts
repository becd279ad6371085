import type { ConsumerSubscription } from '@millrace/kafka-protocol'
import type { TopicPartition } from './topic-partition.ts'

/** A member of a group as the one who assigns sees it. */
export interface SubscribedMember {
  readonly memberId: string
  readonly subscription: ConsumerSubscription
}

/**
 * Per topic a run of partitions for each member that subscribes to it, the first members one more when they do not come
 * out even.
 * @see org.apache.kafka.clients.consumer.RangeAssignor
 */
export function rangeAssignment(
  members: readonly SubscribedMember[],
  partitionCountOf: (topic: string) => number,
): Map<string, TopicPartition[]> {
  const assignment = new Map<string, TopicPartition[]>(members.map(({ memberId }) => [memberId, []]))
  const topics = new Set(members.flatMap(({ subscription }) => subscription.topics))
  for (const topic of [...topics].sort()) {
    const subscribed = members.filter(({ subscription }) => subscription.topics.includes(topic))
    const memberIds = subscribed.map(({ memberId }) => memberId).sort()
    const count = partitionCountOf(topic)
    let partition = 0
    memberIds.forEach((memberId, i) => {
      const share = Math.floor(count / memberIds.length) + (i < count % memberIds.length ? 1 : 0)
      for (let left = share; left > 0; left--) assignment.get(memberId)?.push({ topic, partition: partition++ })
    })
  }
  return assignment
}
