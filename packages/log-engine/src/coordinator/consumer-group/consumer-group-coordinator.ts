// ConsumerGroupCoordinator: the heartbeats of the consumer group protocol (KIP-848).
//
// Owns:      who may join, epochs, when targets are made anew, sessions, how long a member may take to give partitions up.
// Does not:  choose who gets what (assignors), keep groups (ConsumerGroup), know the classic protocol (GroupCoordinator).
// In:        heartbeats; topics; time.
// Out:       answers; records of groups.
//
//   heartbeat ─► the member's record ─► the group's epoch ─► targets for that epoch ─► the member's next step ─► answer
//
// Invariants
//   H1. A group changes by what is appended, step by step: each step reads what the steps before have left in the log.
//   H2. A member is told a change only after it is in the log.
//   H3. Every member has a session that ends unless it is heard of; one that has to give something up has a second deadline.

import { randomUUID } from 'node:crypto'
import type { Time } from '../../time.ts'
import type { ConsumerOffsetsLog } from '../group/consumer-offsets-log.ts'
import type { GroupConfig } from '../group/group-config.ts'
import { fencedInstance, groupIsFull, unknownMember } from '../group/group-errors.ts'
import { groupTombstone } from '../group/group-records.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { fencedMemberEpoch, notAConsumerGroup, unreleasedInstance } from './consumer-group-errors.ts'
import {
  type ConsumerGroupMember,
  type CurrentAssignment,
  holdsTheSame,
  type MemberSubscription,
  staticLeaveEpoch,
} from './consumer-group-member.ts'
import { type ConsumerGroupRecord, encodeConsumerGroupRecord } from './consumer-group-records.ts'
import type {
  ConsumerGroupDescription,
  ConsumerGroupHeartbeatRequest,
  ConsumerGroupHeartbeatResponse,
  ConsumerGroups,
  TopicPartitionIds,
} from './consumer-group-requests.ts'
import { nextAssignment } from './current-assignment.ts'
import { Deadlines } from './deadlines.ts'
import { describeConsumerGroup } from './describe-consumer-group.ts'
import { assertValidHeartbeat, isLeaving } from './heartbeat-check.ts'
import { metadataHash, resolveExpressions } from './subscribed-topics.ts'
import { assignTargets } from './target-assignment.ts'
import type { TopicCatalog } from './topic-catalog.ts'

/** What the coordinator needs. */
export interface ConsumerGroupCoordinatorOptions {
  readonly log: ConsumerOffsetsLog
  readonly topics: TopicCatalog
  readonly time: Time
  readonly config: GroupConfig
  readonly onWarning: (message: string) => void
  /** @throws LOG_ENGINE_CLOSED */
  readonly assertOpen: () => void
}

/** @see org.apache.kafka.coordinator.group.GroupMetadataManager (the consumer group's part) */
export class ConsumerGroupCoordinator implements ConsumerGroups {
  readonly #options: ConsumerGroupCoordinatorOptions
  readonly #sessions: Deadlines
  readonly #revocations: Deadlines

  /** The sessions of the members that the log knows begin now. */
  constructor(options: ConsumerGroupCoordinatorOptions) {
    this.#options = options
    const fence = (key: string): void => this.#fenceByTime(key)
    this.#sessions = new Deadlines(options.time, fence)
    this.#revocations = new Deadlines(options.time, fence)
    for (const group of options.log.consumerGroups.values()) {
      for (const member of group.members.values()) this.#restart(group, member)
    }
  }

  heartbeat(request: ConsumerGroupHeartbeatRequest): ConsumerGroupHeartbeatResponse {
    this.#options.assertOpen()
    assertValidHeartbeat(request)
    const group = this.#requireGroup(request)
    if (isLeaving(request)) return this.#leave(group, request)
    const before = this.#requireMember(group, request)
    const memberId = before?.memberId ?? (request.memberId === '' ? randomUUID() : request.memberId)
    this.#subscribe(group, memberId, before, request)
    this.#assign(group)
    this.#reconcile(group, memberId, request.ownedPartitions)
    this.#sessions.set(keyOf(group, memberId), this.#options.config.consumerSessionTimeoutMs)
    const after = group.members.get(memberId)!
    const isFull =
      request.memberEpoch === 0 ||
      (request.rebalanceTimeoutMs !== -1 && request.topicNames !== null && request.ownedPartitions !== null)
    const hasChanged = before === undefined || !holdsTheSame(before.assigned, after.assigned)
    return {
      memberId,
      memberEpoch: after.memberEpoch,
      heartbeatIntervalMs: this.#options.config.consumerHeartbeatIntervalMs,
      assignment: isFull || hasChanged ? assignmentOf(after) : null,
    }
  }

  describe(groupId: string): ConsumerGroupDescription | undefined {
    this.#options.assertOpen()
    const group = this.#options.log.consumerGroups.get(groupId)
    return group && describeConsumerGroup(group, this.#options.topics)
  }

  /** A member that commits is alive. */
  renew(group: ConsumerGroup, memberId: string): void {
    const key = keyOf(group, memberId)
    if (this.#sessions.has(key)) this.#sessions.set(key, this.#options.config.consumerSessionTimeoutMs)
  }

  /** Members are taken out: the others get what they had. */
  remove(group: ConsumerGroup, members: readonly ConsumerGroupMember[]): void {
    const { groupId } = group
    const tombstones = members.flatMap(({ memberId }) => memberTombstones(groupId, memberId))
    this.#append([...tombstones, this.#nextEpoch(group, members)])
    for (const { memberId } of members) {
      this.#sessions.cancel(keyOf(group, memberId))
      this.#revocations.cancel(keyOf(group, memberId))
    }
  }

  /** Stops all timers. The members may come back in time. */
  close(): void {
    this.#sessions.close()
    this.#revocations.close()
  }

  #restart(group: ConsumerGroup, member: ConsumerGroupMember): void {
    this.#sessions.set(keyOf(group, member.memberId), this.#options.config.consumerSessionTimeoutMs)
    if (member.state === 'unrevoked-partitions') {
      this.#revocations.set(keyOf(group, member.memberId), member.rebalanceTimeoutMs)
    }
  }

  /** Whoever joins makes the group; a group of the classic protocol that has no members gives way. */
  #requireGroup({ groupId, memberId, memberEpoch }: ConsumerGroupHeartbeatRequest): ConsumerGroup {
    const { log, config } = this.#options
    const classic = log.groups.get(groupId)
    const known = log.consumerGroups.get(groupId)
    const isClassicInUse = classic !== undefined && (classic.state !== 'Empty' || classic.pendingMembers.size > 0)
    if (isClassicInUse || (known === undefined && memberEpoch !== 0)) throw notAConsumerGroup(groupId)
    if (known !== undefined && !known.members.has(memberId) && known.members.size >= config.consumerMaxSize) {
      throw groupIsFull(groupId, config.consumerMaxSize)
    }
    if (known !== undefined) return known
    if (classic?.isInLog === true) log.append([groupTombstone(groupId)])
    this.#append([{ kind: 'group', groupId, value: { epoch: 0, metadataHash: 0n } }])
    return log.consumerGroups.get(groupId)!
  }

  /** Undefined for a member that is new. @throws UNKNOWN_MEMBER_ID, FENCED_MEMBER_EPOCH, … */
  #requireMember(group: ConsumerGroup, request: ConsumerGroupHeartbeatRequest): ConsumerGroupMember | undefined {
    const { memberId, memberEpoch, instanceId } = request
    if (instanceId !== null) return this.#requireInstance(group, instanceId, request)
    const member = group.members.get(memberId)
    if (memberEpoch === 0) return member
    if (member === undefined) throw unknownMember(group.groupId, memberId)
    assertEpoch(group, member, request)
    return member
  }

  #requireInstance(
    group: ConsumerGroup,
    instanceId: string,
    request: ConsumerGroupHeartbeatRequest,
  ): ConsumerGroupMember | undefined {
    const { memberId, memberEpoch } = request
    const { groupId } = group
    const known = group.members.get(group.memberIdOf(instanceId) ?? '')
    if (memberEpoch === 0) {
      if (known === undefined || known.memberId === memberId) return group.members.get(memberId)
      if (known.memberEpoch !== staticLeaveEpoch) throw unreleasedInstance(groupId, instanceId, known.memberId)
      return this.#replace(group, known, memberId === '' ? randomUUID() : memberId)
    }
    if (known === undefined) throw unknownMember(groupId, memberId)
    if (known.memberId !== memberId) throw fencedInstance(groupId, instanceId, memberId)
    assertEpoch(group, known, request)
    return known
  }

  /** A static member has started again under another member id: it goes on where it was. */
  #replace(group: ConsumerGroup, old: ConsumerGroupMember, memberId: string): ConsumerGroupMember {
    const { groupId } = group
    const state: CurrentAssignment = { ...old, memberEpoch: 0, previousMemberEpoch: 0, pendingRevocation: new Map() }
    this.#append([
      ...memberTombstones(groupId, old.memberId),
      { kind: 'member', groupId, memberId, value: old },
      { kind: 'member-target', groupId, memberId, value: group.target(old.memberId) },
      { kind: 'member-state', groupId, memberId, value: state },
    ])
    this.#sessions.cancel(keyOf(group, old.memberId))
    return group.members.get(memberId)!
  }

  /** Puts on record what the member says of itself, and a new epoch when it or its topics have changed. */
  #subscribe(
    group: ConsumerGroup,
    memberId: string,
    before: ConsumerGroupMember | undefined,
    request: ConsumerGroupHeartbeatRequest,
  ): void {
    const { groupId } = group
    const { topics, time } = this.#options
    const value = subscriptionOf(before, request)
    const isNew = before === undefined
    const isChanged = isNew || !isSameSubscription(before, value)
    const isResubscribed = isNew || !subscribesToTheSame(before, value)
    if (isChanged) this.#append([{ kind: 'member', groupId, memberId, value }])
    if (!isResubscribed && group.seenTopics === topics.version) return
    this.#append(resolveExpressions(group, topics, request.allowsTopic ?? (() => true), time.now()))
    const hash = metadataHash(group.topicNames(), topics)
    if (isResubscribed || hash !== group.metadataHash) {
      this.#append([{ kind: 'group', groupId, value: { epoch: group.groupEpoch + 1, metadataHash: hash } }])
    }
    group.seenTopics = topics.version
  }

  #assign(group: ConsumerGroup): void {
    if (group.groupEpoch > group.assignmentEpoch) this.#append(assignTargets(group, this.#options.topics))
  }

  #reconcile(group: ConsumerGroup, memberId: string, ownedPartitions: readonly TopicPartitionIds[] | null): void {
    const { groupId } = group
    const member = group.members.get(memberId)!
    const value = nextAssignment(member, {
      targetEpoch: group.assignmentEpoch,
      target: group.target(memberId),
      ownedPartitions,
      isHeld: (topicId, partition) => group.isHeld(topicId, partition),
    })
    if (value === undefined) return
    this.#append([{ kind: 'member-state', groupId, memberId, value }])
    if (value.state === 'unrevoked-partitions') this.#revocations.set(keyOf(group, memberId), member.rebalanceTimeoutMs)
    else this.#revocations.cancel(keyOf(group, memberId))
  }

  #leave(group: ConsumerGroup, request: ConsumerGroupHeartbeatRequest): ConsumerGroupHeartbeatResponse {
    const { memberId, memberEpoch, instanceId } = request
    const { groupId } = group
    const heartbeatIntervalMs = 0
    const known = instanceId === null ? memberId : group.memberIdOf(instanceId)
    const member = group.members.get(known ?? '')
    if (member === undefined) throw unknownMember(groupId, memberId)
    if (instanceId !== null && member.memberId !== memberId) throw fencedInstance(groupId, instanceId, memberId)
    if (memberEpoch === staticLeaveEpoch) {
      const value: CurrentAssignment = { ...member, memberEpoch, pendingRevocation: new Map() }
      this.#append([{ kind: 'member-state', groupId, memberId, value }])
      this.#revocations.cancel(keyOf(group, memberId))
    } else this.remove(group, [member])
    return { memberId, memberEpoch, heartbeatIntervalMs, assignment: null }
  }

  #fenceByTime(key: string): void {
    const { log, onWarning } = this.#options
    const [groupId, memberId] = JSON.parse(key) as [string, string]
    const group = log.consumerGroups.get(groupId)
    const member = group?.members.get(memberId)
    if (group === undefined || member === undefined) return
    try {
      this.remove(group, [member])
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      onWarning(`Member '${memberId}' of group '${groupId}' is gone, which cannot be written yet: ${reason}`)
      this.#sessions.set(key, this.#options.config.consumerSessionTimeoutMs)
    }
  }

  /** The epoch in which these members are gone. */
  #nextEpoch(group: ConsumerGroup, without: readonly ConsumerGroupMember[]): ConsumerGroupRecord {
    const names = new Set<string>()
    for (const member of group.members.values()) {
      if (without.includes(member)) continue
      for (const name of group.topicNamesOf(member)) names.add(name)
    }
    const hash = metadataHash(names, this.#options.topics)
    return { kind: 'group', groupId: group.groupId, value: { epoch: group.groupEpoch + 1, metadataHash: hash } }
  }

  #append(records: readonly ConsumerGroupRecord[]): void {
    this.#options.log.append(records.map(encodeConsumerGroupRecord))
  }
}

/** @throws FENCED_MEMBER_EPOCH */
function assertEpoch(
  { groupId }: ConsumerGroup,
  member: ConsumerGroupMember,
  { memberEpoch, ownedPartitions }: ConsumerGroupHeartbeatRequest,
): void {
  if (memberEpoch === member.memberEpoch) return
  // The answer that told the member its epoch may have been lost.
  const isBehindByOne = memberEpoch < member.memberEpoch && memberEpoch === member.previousMemberEpoch
  const ownsNoMore = ownedPartitions?.every(({ topicId, partitions }) =>
    partitions.every((partition) => member.assigned.get(topicId)?.has(partition)),
  )
  if (isBehindByOne && ownsNoMore === true) return
  throw fencedMemberEpoch(groupId, member.memberId, memberEpoch, member.memberEpoch)
}

function subscriptionOf(
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
  }
}

function subscribesToTheSame(a: MemberSubscription, b: MemberSubscription): boolean {
  return (
    a.topicRegex === b.topicRegex &&
    a.serverAssignor === b.serverAssignor &&
    a.topicNames.length === b.topicNames.length &&
    a.topicNames.every((name, i) => name === b.topicNames[i])
  )
}

function isSameSubscription(a: MemberSubscription, b: MemberSubscription): boolean {
  return (
    subscribesToTheSame(a, b) &&
    a.instanceId === b.instanceId &&
    a.rackId === b.rackId &&
    a.clientId === b.clientId &&
    a.clientHost === b.clientHost &&
    a.rebalanceTimeoutMs === b.rebalanceTimeoutMs
  )
}

function memberTombstones(groupId: string, memberId: string): ConsumerGroupRecord[] {
  return [
    { kind: 'member-state', groupId, memberId, value: null },
    { kind: 'member-target', groupId, memberId, value: null },
    { kind: 'member', groupId, memberId, value: null },
  ]
}

function assignmentOf({ assigned }: ConsumerGroupMember): TopicPartitionIds[] {
  return [...assigned].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }))
}

function keyOf({ groupId }: ConsumerGroup, memberId: string): string {
  return JSON.stringify([groupId, memberId])
}
