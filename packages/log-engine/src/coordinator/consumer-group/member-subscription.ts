import type { MemberSubscription } from './consumer-group-member.ts'
import type { ConsumerGroupHeartbeatRequest } from './consumer-group-requests.ts'

/** What a member says of itself with a heartbeat, which leaves out what has not changed. */
export function subscriptionOf(
  before: MemberSubscription | undefined,
  request: ConsumerGroupHeartbeatRequest,
): MemberSubscription {
  const { rebalanceTimeoutMs } = request
  return {
    instanceId: request.instanceId ?? before?.instanceId ?? null,
    rackId: request.rackId ?? before?.rackId ?? null,
    clientId: request.clientId,
    clientHost: request.clientHost,
    topicNames: request.topicNames === null ? (before?.topicNames ?? []) : [...new Set(request.topicNames)].sort(),
    topicRegex: (request.topicRegex ?? before?.topicRegex) || null,
    rebalanceTimeoutMs: rebalanceTimeoutMs === -1 ? (before?.rebalanceTimeoutMs ?? -1) : rebalanceTimeoutMs,
    serverAssignor: request.serverAssignor ?? before?.serverAssignor ?? null,
    classic: null,
  }
}

/** Whether the assignment can stay as it is. */
export function subscribesToTheSame(a: MemberSubscription, b: MemberSubscription): boolean {
  return (
    a.topicRegex === b.topicRegex &&
    a.serverAssignor === b.serverAssignor &&
    a.topicNames.length === b.topicNames.length &&
    a.topicNames.every((name, i) => name === b.topicNames[i])
  )
}

/** Whether there is nothing to put on record. */
export function isSameSubscription(a: MemberSubscription, b: MemberSubscription): boolean {
  return (
    subscribesToTheSame(a, b) &&
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs &&
    isSameClassicMember(a.classic, b.classic)
  )
}

function isSameClassicMember(a: MemberSubscription['classic'], b: MemberSubscription['classic']): boolean {
  if (a === null || b === null) return a === b
  return (
    a.sessionTimeoutMs === b.sessionTimeoutMs &&
    a.protocols.length === b.protocols.length &&
    a.protocols.every(({ name, metadata }, i) => {
      const other = b.protocols[i]!
      return name === other.name && Buffer.compare(metadata, other.metadata) === 0
    })
  )
}
