import type { GroupMetadata } from '../../engine-requests.ts'
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
