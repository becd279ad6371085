import type { Cluster } from '@millrace/kafka-client'
import type { GroupTopics } from '../group/group-coordinator.ts'
import { translating } from './native-error.ts'
import type { PartitionCounts } from './partition-counts.ts'

/** The topics of a cluster, for a member of a group. */
export function nativeGroupTopics(cluster: Cluster, counts: PartitionCounts): GroupTopics {
  return {
    /** Also learns how wide all topics are, those included that the application only writes to. */
    async subscribed(subscription) {
      await translating(() => cluster.retrying(() => counts.refresh(cluster, null)))
      if (!(subscription instanceof RegExp)) return subscription
      return cluster.knownTopics.flatMap(({ name, isInternal }) =>
        !isInternal && subscription.test(name) ? [name] : [],
      )
    },
    refresh: (topics) => translating(() => cluster.retrying(() => cluster.refresh([...topics]))),
    partitionCount: (topic) => cluster.knownTopic(topic)?.partitions.length ?? 0,
  }
}
