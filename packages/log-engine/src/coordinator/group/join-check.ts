import { EngineError } from '../../engine-error.ts'
import type { GroupConfig } from './group-config.ts'
import type { JoinGroupRequest } from './group-requests.ts'

/** The records of a group hold texts behind an int16. */
const maxTextBytes = 32_767
/** What a member id adds to a client id or an instance id: a hyphen and a UUID. */
const memberIdSuffixBytes = 37

/** Refuses group ids that cannot be kept. @throws INVALID_GROUP_ID */
export function assertGroupId(groupId: string): void {
  if (groupId === '') throw new EngineError('INVALID_GROUP_ID', 'A group id must not be empty.')
  const length = Buffer.byteLength(groupId)
  if (length <= maxTextBytes) return
  throw new EngineError(
    'INVALID_GROUP_ID',
    `A group id of ${length} bytes is too long. Use at most ${maxTextBytes} bytes.`,
  )
}

/** Refuses what no group accepts. @throws INVALID_GROUP_ID, INVALID_SESSION_TIMEOUT, INVALID_REQUEST */
export function assertValidJoin(request: JoinGroupRequest, config: GroupConfig): void {
  const { groupId, sessionTimeoutMs, groupInstanceId } = request
  assertGroupId(groupId)
  const { minSessionTimeoutMs, maxSessionTimeoutMs } = config
  if (!(sessionTimeoutMs >= minSessionTimeoutMs && sessionTimeoutMs <= maxSessionTimeoutMs)) {
    throw new EngineError(
      'INVALID_SESSION_TIMEOUT',
      `A member of group '${groupId}' asks for a session time-out of ${sessionTimeoutMs} ms. Set 'session.timeout.ms' to ${minSessionTimeoutMs} to ${maxSessionTimeoutMs}.`,
    )
  }
  if (
    groupInstanceId !== null &&
    !(/^[a-zA-Z0-9._-]{1,249}$/.test(groupInstanceId) && !/^\.\.?$/.test(groupInstanceId))
  ) {
    throw new EngineError(
      'INVALID_REQUEST',
      `'${groupInstanceId}' cannot be a 'group.instance.id': use 1 to 249 letters, digits, '.', '_' and '-'.`,
    )
  }
  const texts = [
    request.clientId,
    request.clientHost,
    request.protocolType,
    ...request.protocols.map(({ name }) => name),
  ]
  if (texts.every((text) => Buffer.byteLength(text) <= maxTextBytes - memberIdSuffixBytes)) return
  throw new EngineError(
    'INVALID_REQUEST',
    `A member of group '${groupId}' has a client id or protocol that is too long.`,
  )
}
