// ConsumerGroupCoordinator: the heartbeats of the consumer group protocol (KIP-848).
//
// Owns:      who may join, epochs, when targets are made anew, sessions, how long a member may take to give partitions up.
// Does not:  choose who gets what (assignors), keep groups (ConsumerGroup), know the classic protocol (ClassicMembers,
//            GroupMigration).
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
import type { GroupMigration } from '../group-migration.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import { fencedMemberEpoch, notAConsumerGroup, unreleasedInstance } from './consumer-group-errors.ts'
import {
  type ConsumerGroupMember,
  type CurrentAssignment,
  holdsTheSame,
  type MemberSubscription,
  staticLeaveEpoch,
} from './consumer-group-member.ts'
import { type ConsumerGroupRecord, encodeConsumerGroupRecord, memberTombstones } from './consumer-group-records.ts'
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
import { isSameSubscription, subscribesToTheSame, subscriptionOf } from './member-subscription.ts'
import { metadataHash, resolveExpressions } from './subscribed-topics.ts'
import { assignTargets } from './target-assignment.ts'
import type { TopicCatalog } from './topic-catalog.ts'

/** What the coordinator needs. */
export interface ConsumerGroupCoordinatorOptions {
  readonly log: ConsumerOffsetsLog
  readonly topics: TopicCatalog
  readonly time: Time
  readonly config: GroupConfig
  readonly migration: GroupMigration
  readonly onWarning: (message: string) => void
  /** @throws LOG_ENGINE_CLOSED */
  readonly assertOpen: () => void
}

/** What a member says, by whatever protocol. */
export interface MemberNews {
  /** Undefined: it is new. */
  readonly before: ConsumerGroupMember | undefined
  readonly subscription: MemberSubscription
  /** null: it has not said. */
  readonly ownedPartitions: readonly TopicPartitionIds[] | null
  /** Which topics an expression may find for it. Default: all. */
  readonly allowsTopic?: ((name: string) => boolean) | undefined
}

/** @see org.apache.kafka.coordinator.group.GroupMetadataManager (the consumer group's part) */
export class ConsumerGroupCoordinator implements ConsumerGroups {
  readonly #options: ConsumerGroupCoordinatorOptions
  readonly #sessions: Deadlines
  readonly #revocations: Deadlines
  /** Until when classic members must have taken their next step. */
  readonly #steps: Deadlines

  /** The sessions of the members that the log knows begin now. */
  constructor(options: ConsumerGroupCoordinatorOptions) {
    this.#options = options
    const fence = (key: string): void => this.#fenceByTime(key)
    this.#sessions = new Deadlines(options.time, fence)
    this.#revocations = new Deadlines(options.time, fence)
    this.#steps = new Deadlines(options.time, fence)
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
    const after = this.advance(group, memberId, {
      before,
      subscription: subscriptionOf(before, request),
      ownedPartitions: request.ownedPartitions,
      allowsTopic: request.allowsTopic,
    })
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

  /** Puts on record what a member says, and takes it a step towards its target. */
  advance(group: ConsumerGroup, memberId: string, news: MemberNews): ConsumerGroupMember {
    this.#subscribe(group, memberId, news)
    if (group.groupEpoch > group.assignmentEpoch) this.#append(assignTargets(group, this.#options.topics))
    this.#reconcile(group, memberId, news.ownedPartitions)
    const member = group.members.get(memberId)!
    this.#startSession(group, member)
    return member
  }

  describe(groupId: string): ConsumerGroupDescription | undefined {
    this.#options.assertOpen()
    const group = this.#options.log.consumerGroups.get(groupId)
    return group && describeConsumerGroup(group, this.#options.topics)
  }

  /** A member that commits is alive. */
  renew(group: ConsumerGroup, memberId: string): void {
    const member = group.members.get(memberId)
    if (member !== undefined && this.#sessions.has(keyOf(group, memberId))) this.#startSession(group, member)
  }

  /** @throws GROUP_MAX_SIZE_REACHED */
  assertRoom({ groupId, members }: ConsumerGroup, memberId: string): void {
    const { consumerMaxSize } = this.#options.config
    if (!members.has(memberId) && members.size >= consumerMaxSize) throw groupIsFull(groupId, consumerMaxSize)
  }

  /** @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID */
  requireKnown(group: ConsumerGroup, memberId: string, instanceId: string | null): ConsumerGroupMember {
    const { groupId } = group
    const known = group.members.get(instanceId === null ? memberId : (group.memberIdOf(instanceId) ?? ''))
    if (known === undefined) throw unknownMember(groupId, memberId)
    if (known.memberId !== memberId) throw fencedInstance(groupId, instanceId ?? '', memberId)
    return known
  }

  /**
   * The instance goes on as another member, who goes on where it was; undefined for an instance that is new.
   * @throws UNRELEASED_INSTANCE_ID when both follow the consumer group protocol and the old one has not left
   */
  takeOver(
    group: ConsumerGroup,
    instanceId: string,
    memberId: string,
    isClassic: boolean,
  ): ConsumerGroupMember | undefined {
    const known = group.members.get(group.memberIdOf(instanceId) ?? '')
    if (known === undefined || known.memberId === memberId) return known
    const isInUse = !isClassic && known.classic === null && known.memberEpoch !== staticLeaveEpoch
    if (isInUse) throw unreleasedInstance(group.groupId, instanceId, known.memberId)
    return this.#replace(group, known, memberId)
  }

  /** The last member of the consumer group protocol goes, when a classic member takes over its instance: see GroupMigration. */
  makeWay(group: ConsumerGroup, instanceId: string): void {
    const known = group.members.get(group.memberIdOf(instanceId) ?? '')
    if (known === undefined || known.classic !== null) return
    if (group.members.size === 1 || this.#options.migration.mayDowngrade(group, [known])) this.remove(group, [known])
  }

  /** A classic member has joined, and is taken out unless it syncs. */
  expectSync(group: ConsumerGroup, { memberId, rebalanceTimeoutMs }: ConsumerGroupMember): void {
    const key = keyOf(group, memberId)
    this.#steps.cancel(key)
    this.#steps.set(key, rebalanceTimeoutMs)
  }

  /** A classic member is told to join again, and is taken out unless it does. */
  expectJoin(group: ConsumerGroup, { memberId, rebalanceTimeoutMs }: ConsumerGroupMember): void {
    const key = keyOf(group, memberId)
    if (!this.#steps.has(key)) this.#steps.set(key, rebalanceTimeoutMs)
  }

  /** A classic member knows its assignment. */
  synced(group: ConsumerGroup, member: ConsumerGroupMember): void {
    this.#steps.cancel(keyOf(group, member.memberId))
    this.#startSession(group, member)
  }

  /** Members are taken out: the others get what they had. */
  remove(group: ConsumerGroup, members: readonly ConsumerGroupMember[]): void {
    const { groupId } = group
    const { migration } = this.#options
    if (migration.mayDowngrade(group, members)) {
      const all = [...group.members.values()]
      migration.downgrade(group, members)
      for (const member of all) this.#stopTimers(group, member)
      return
    }
    const tombstones = members.flatMap(({ memberId }) => memberTombstones(groupId, memberId))
    this.#append([...tombstones, this.#nextEpoch(group, members)])
    for (const member of members) this.#stopTimers(group, member)
  }

  /** Stops all timers. The members may come back in time. */
  close(): void {
    this.#sessions.close()
    this.#revocations.close()
    this.#steps.close()
  }

  #stopTimers(group: ConsumerGroup, { memberId }: ConsumerGroupMember): void {
    for (const deadlines of [this.#sessions, this.#revocations, this.#steps]) deadlines.cancel(keyOf(group, memberId))
  }

  #startSession(group: ConsumerGroup, { memberId, classic }: ConsumerGroupMember): void {
    const timeoutMs = classic?.sessionTimeoutMs ?? this.#options.config.consumerSessionTimeoutMs
    this.#sessions.set(keyOf(group, memberId), timeoutMs)
  }

  #restart(group: ConsumerGroup, member: ConsumerGroupMember): void {
    this.#startSession(group, member)
    if (member.classic === null && member.state === 'unrevoked-partitions') {
      this.#revocations.set(keyOf(group, member.memberId), member.rebalanceTimeoutMs)
    }
  }

  /** Whoever joins makes the group; a group of the classic protocol gives way, or becomes one of this protocol. */
  #requireGroup({ groupId, memberId, memberEpoch }: ConsumerGroupHeartbeatRequest): ConsumerGroup {
    const { log, migration } = this.#options
    const known = log.consumerGroups.get(groupId)
    if (known !== undefined) {
      this.assertRoom(known, memberId)
      return known
    }
    if (memberEpoch !== 0) throw notAConsumerGroup(groupId)
    migration.upgrade(groupId)
    const group = log.consumerGroups.get(groupId)!
    for (const member of group.members.values()) this.#restart(group, member)
    this.assertRoom(group, memberId)
    return group
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
    if (memberEpoch === 0) return this.takeOver(group, instanceId, memberId === '' ? randomUUID() : memberId, false)
    const known = this.requireKnown(group, memberId, instanceId)
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
    this.#stopTimers(group, old)
    return group.members.get(memberId)!
  }

  /** Puts on record what the member says of itself, and a new epoch when it or its topics have changed. */
  #subscribe(group: ConsumerGroup, memberId: string, { before, subscription: value, allowsTopic }: MemberNews): void {
    const { groupId } = group
    const { topics, time } = this.#options
    const isNew = before === undefined
    const isChanged = isNew || !isSameSubscription(before, value)
    const isResubscribed = isNew || !subscribesToTheSame(before, value)
    if (isChanged) this.#append([{ kind: 'member', groupId, memberId, value }])
    if (!isResubscribed && group.seenTopics === topics.version) return
    this.#append(resolveExpressions(group, topics, allowsTopic ?? (() => true), time.now()))
    const hash = metadataHash(group.topicNames(), topics)
    if (isResubscribed || hash !== group.metadataHash) {
      this.#append([{ kind: 'group', groupId, value: { epoch: group.groupEpoch + 1, metadataHash: hash } }])
    }
    group.seenTopics = topics.version
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
    if (member.classic !== null) return
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

function assignmentOf({ assigned }: ConsumerGroupMember): TopicPartitionIds[] {
  return [...assigned].map(([topicId, partitions]) => ({ topicId, partitions: [...partitions.keys()] }))
}

function keyOf({ groupId }: ConsumerGroup, memberId: string): string {
  return JSON.stringify([groupId, memberId])
}
