import type { GroupMetadata } from '../../engine-requests.ts'
import type { TopicPartition } from '../../topic-partition.ts'
import type { ConsumerGroup } from '../consumer-group/consumer-group.ts'
import { staleMemberEpoch } from '../consumer-group/consumer-group-errors.ts'
import type { TopicCatalog } from '../consumer-group/topic-catalog.ts'
import type { ClassicGroup } from './classic-group.ts'
import { illegalGeneration, rebalanceInProgress, unknownMember } from './group-errors.ts'

/**
 * Who may commit offsets of a group: its members at its generation; others only while the group is empty. A transaction
 * may commit without naming a member, and also between the join phase and the assignment.
 * @param group undefined: nobody ever joined
 * @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS
 * @see org.apache.kafka.coordinator.group.classic.ClassicGroup (validateOffsetCommit)
 */
export function assertMayCommit(group: ClassicGroup | undefined, who: GroupMetadata, isTransactional: boolean): void {
  const { groupId, generationId = -1, memberId = '', groupInstanceId = null } = who
  if (group === undefined) {
    if (generationId >= 0) throw illegalGeneration(groupId, generationId, 0)
    return
  }
  if (generationId < 0 && group.state === 'Empty') return
  if (generationId >= 0 || memberId !== '' || groupInstanceId !== null) {
    group.requireMember(memberId, groupInstanceId)
    if (generationId !== group.generationId) throw illegalGeneration(groupId, generationId, group.generationId)
  } else if (!isTransactional && group.state !== 'Empty') throw unknownMember(groupId, memberId)
  if (!isTransactional && group.state === 'CompletingRebalance') throw rebalanceInProgress(groupId)
}

/**
 * The same for a consumer group. A member that is behind, because it has not heard of its latest epoch yet, may commit for
 * the partitions that it has held since before.
 * @throws UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH; ILLEGAL_GENERATION of a classic member
 * @see org.apache.kafka.coordinator.group.modern.consumer.ConsumerGroup (validateOffsetCommit), KIP-1251
 */
export function assertConsumerMayCommit(
  group: ConsumerGroup,
  who: GroupMetadata,
  partitions: readonly TopicPartition[],
  isTransactional: boolean,
  topics: TopicCatalog,
): void {
  const { groupId, generationId: epoch = -1, memberId = '', groupInstanceId = null } = who
  if (epoch < 0 && group.members.size === 0) return
  if (isTransactional && epoch === -1 && memberId === '' && groupInstanceId === null) return
  const member = group.members.get(memberId)
  if (member === undefined) throw unknownMember(groupId, memberId)
  if (epoch === member.memberEpoch) return
  if (member.classic !== null) throw illegalGeneration(groupId, epoch, member.memberEpoch)
  const isHeldSince = ({ topic, partition }: TopicPartition): boolean => {
    const since = member.assigned.get(topics.get(topic)?.topicId ?? '')?.get(partition)
    return since !== undefined && since <= epoch
  }
  if (epoch < member.memberEpoch && partitions.every(isHeldSince)) return
  throw staleMemberEpoch(groupId, memberId, epoch, member.memberEpoch)
}

/**
 * Who may ask for committed offsets in the name of a member of a consumer group: the member at its epoch.
 * @throws UNKNOWN_MEMBER_ID, STALE_MEMBER_EPOCH
 */
export function assertConsumerMayFetch(group: ConsumerGroup, { generationId = -1, memberId }: GroupMetadata): void {
  if (memberId === undefined && generationId < 0) return
  const member = group.members.get(memberId ?? '')
  if (member === undefined) throw unknownMember(group.groupId, memberId ?? '')
  if (generationId === member.memberEpoch) return
  if (member.classic === null) {
    throw staleMemberEpoch(group.groupId, member.memberId, generationId, member.memberEpoch)
  }
  throw illegalGeneration(group.groupId, generationId, member.memberEpoch)
}
