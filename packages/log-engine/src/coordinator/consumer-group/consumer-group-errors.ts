import { EngineError } from '../../engine-error.ts'

/** The group follows the classic protocol, or is not there. */
export function notAConsumerGroup(groupId: string): EngineError {
  return new EngineError(
    'GROUP_ID_NOT_FOUND',
    `There is no consumer group '${groupId}', or its members follow the classic protocol and cannot change over: they are no consumers, their assignor has data of its own, or 'group.consumer.migration.policy' forbids it. Use another group, or stop those members first.`,
  )
}

/** The member's epoch is not the one that it was told. */
export function fencedMemberEpoch(groupId: string, memberId: string, epoch: number, known: number): EngineError {
  return new EngineError(
    'FENCED_MEMBER_EPOCH',
    `Member '${memberId}' of group '${groupId}' is at epoch ${known}, not ${epoch}. Give up all partitions and join again with epoch 0.`,
  )
}

/** The offsets come from an assignment that the member has no more. */
export function staleMemberEpoch(groupId: string, memberId: string, epoch: number, known: number): EngineError {
  return new EngineError(
    'STALE_MEMBER_EPOCH',
    `Member '${memberId}' of group '${groupId}' is at epoch ${known}, not ${epoch}. Try again after the next heartbeat.`,
  )
}

/** Another process has the instance id. */
export function unreleasedInstance(groupId: string, instanceId: string, memberId: string): EngineError {
  return new EngineError(
    'UNRELEASED_INSTANCE_ID',
    `Instance '${instanceId}' of group '${groupId}' is in use by member '${memberId}'. Close that consumer, or wait for its session to end.`,
  )
}
