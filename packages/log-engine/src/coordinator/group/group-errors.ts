import { EngineError } from '../../engine-error.ts'

/** The group does not know the member: it never joined, or was silent for too long. */
export function unknownMember(groupId: string, memberId: string): EngineError {
  return new EngineError(
    'UNKNOWN_MEMBER_ID',
    `Group '${groupId}' has no member '${memberId}'. Join with an empty member id.`,
  )
}

/** Another process has joined under the same instance id. */
export function fencedInstance(groupId: string, groupInstanceId: string, memberId: string): EngineError {
  return new EngineError(
    'FENCED_INSTANCE_ID',
    `Instance '${groupInstanceId}' of group '${groupId}' is no longer member '${memberId}': another consumer has taken it over. Close this one.`,
  )
}

/** The generation is not the group's. */
export function illegalGeneration(groupId: string, generationId: number, current: number): EngineError {
  return new EngineError(
    'ILLEGAL_GENERATION',
    `Group '${groupId}' is at generation ${current}, not ${generationId}. Join again.`,
  )
}

/** The group waits for its members to join again. */
export function rebalanceInProgress(groupId: string): EngineError {
  return new EngineError('REBALANCE_IN_PROGRESS', `Group '${groupId}' is rebalancing. Join again.`)
}

/** The member speaks none of the protocols that all others do, or is of another type. */
export function inconsistentProtocol(groupId: string, known: string): EngineError {
  return new EngineError(
    'INCONSISTENT_GROUP_PROTOCOL',
    `The members of group '${groupId}' follow ${known}; the request does not. Give all members the same type and one protocol in common.`,
  )
}

/** The group is full. */
export function groupIsFull(groupId: string, maxSize: number): EngineError {
  return new EngineError(
    'GROUP_MAX_SIZE_REACHED',
    `Group '${groupId}' has ${maxSize} members, which is the most. Raise 'group.max.size' or use another group.`,
  )
}

/** There is no such group. */
export function groupNotFound(groupId: string): EngineError {
  return new EngineError('GROUP_ID_NOT_FOUND', `There is no group '${groupId}'.`)
}

/** The group has members. */
export function nonEmptyGroup(groupId: string): EngineError {
  return new EngineError('NON_EMPTY_GROUP', `Group '${groupId}' has members. Stop them first.`)
}

/** The request cannot be held any longer: the engine closes. */
export function coordinatorIsClosing(groupId: string): EngineError {
  return new EngineError('NOT_COORDINATOR', `Group '${groupId}' has no coordinator any more: the log engine closes.`)
}

/** What the group has come to cannot be written. */
export function coordinatorIsNotAvailable(groupId: string, cause: unknown): EngineError {
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new EngineError(
    'COORDINATOR_NOT_AVAILABLE',
    `The assignments of group '${groupId}' cannot be written: ${reason} Join again.`,
    { cause },
  )
}
