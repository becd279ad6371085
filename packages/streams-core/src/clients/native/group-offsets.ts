import { byTopic, type Cluster, GroupAdmin, throwIfError } from '@millrace/kafka-client'
import { offsetCommitApi } from '@millrace/kafka-protocol/messages'
import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from '../consumer.ts'
import { translating } from './native-error.ts'

/** Offsets by topic in the layout of OffsetCommit and TxnOffsetCommit. */
export function offsetTopics(offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>) {
  const rows = Array.from(offsets, ([{ topic, partition }, row]) => ({ topic, partition, row }))
  return [...byTopic(rows)].map(([name, own]) => ({
    name,
    partitions: own.map(({ partition, row }) => ({
      partitionIndex: partition,
      committedOffset: row.offset,
      committedMetadata: row.metadata,
    })),
  }))
}

/** Commits for the member that `group` names; a group without members takes generation -1. @throws ClientError */
export async function commitOffsets(
  cluster: Cluster,
  group: GroupMetadata,
  offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
): Promise<void> {
  const { groupId, generationId, memberId, groupInstanceId = null } = group
  const topics = offsetTopics(offsets)
  const request = { groupId, generationIdOrMemberEpoch: generationId, memberId, groupInstanceId, topics }
  await translating(() =>
    cluster.retrying(async () => {
      const coordinator = await cluster.coordinatorOf('group', groupId)
      const answer = await cluster.request(coordinator, offsetCommitApi, request, { maxVersion: 9 })
      for (const { name, partitions } of answer.topics) {
        for (const one of partitions) {
          throwIfError(one.errorCode, `Committing the offset of group '${groupId}' in ${name}-${one.partitionIndex}`)
        }
      }
    }),
  )
}

/** What is committed, under the objects that were asked for; waits for open transactions. @throws ClientError */
export async function committedOffsets(
  cluster: Cluster,
  groupId: string,
  partitions: readonly TopicPartition[],
): Promise<ReadonlyMap<TopicPartition, OffsetAndMetadata>> {
  const found = await translating(() => new GroupAdmin(cluster).committedOffsets(groupId, partitions))
  const byName = new Map(found.map((one) => [`${one.topic}-${one.partition}`, one]))
  const committed = new Map<TopicPartition, OffsetAndMetadata>()
  for (const partition of partitions) {
    const one = byName.get(`${partition.topic}-${partition.partition}`)
    if (one !== undefined && one.offset >= 0) {
      committed.set(partition, { offset: one.offset, metadata: one.metadata ?? '' })
    }
  }
  return committed
}
