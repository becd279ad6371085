// GroupCoordinator: the requests of the classic group protocol, and those that concern groups of both protocols.
//
// Owns:      checking who asks, at which generation and in which state; groups as others see them.
// Does not:  decide on joins (GroupJoining) or run rebalances (GroupRebalance), keep offsets (GroupOffsets), know the
//            consumer group protocol (ConsumerGroupCoordinator, ClassicMembers).
// In:        `Groups`; the content of `__consumer_offsets` at start.
// Out:       answers; records through the parts it is made of.
//
// Invariants
//   C1. Members and generation are checked before anything else a request asks for.
//   C2. What waits is answered: by the end of its phase, by the member's removal, or on `close`.

import { EngineError } from '../../engine-error.ts'
import type { PartitionLog } from '../../log/partition-log.ts'
import type { Time } from '../../time.ts'
import type { TopicPartition } from '../../topic-partition.ts'
import { ClassicMembers } from '../consumer-group/classic-members.ts'
import type { ConsumerGroup } from '../consumer-group/consumer-group.ts'
import { ConsumerGroupCoordinator } from '../consumer-group/consumer-group-coordinator.ts'
import { consumerGroupTombstones, encodeConsumerGroupRecord } from '../consumer-group/consumer-group-records.ts'
import type { TopicCatalog } from '../consumer-group/topic-catalog.ts'
import { GroupMigration } from '../group-migration.ts'
import type { ClassicGroup } from './classic-group.ts'
import { ConsumerOffsetsLog } from './consumer-offsets-log.ts'
import { defaultGroupConfig, type GroupConfig } from './group-config.ts'
import {
  coordinatorIsClosing,
  groupNotFound,
  illegalGeneration,
  inconsistentProtocol,
  nonEmptyGroup,
  rebalanceInProgress,
  unknownMember,
} from './group-errors.ts'
import { GroupJoining } from './group-joining.ts'
import type { GroupMember } from './group-member.ts'
import { GroupOffsets } from './group-offsets.ts'
import { GroupRebalance } from './group-rebalance.ts'
import { groupTombstone } from './group-records.ts'
import type {
  DeletedOffset,
  GenerationMember,
  GroupDescription,
  GroupListing,
  Groups,
  HeartbeatRequest,
  JoinGroupRequest,
  JoinGroupResponse,
  LeaveGroupRequest,
  LeavingMember,
  LeftMember,
  SyncGroupRequest,
  SyncGroupResponse,
} from './group-requests.ts'
import { assertGroupId, assertValidJoin } from './join-check.ts'
import { OffsetExpiry } from './offset-expiry.ts'

/** What the coordinator needs. */
export interface GroupCoordinatorOptions {
  /** `__consumer_offsets-0`. */
  readonly partition: PartitionLog
  readonly topics: TopicCatalog
  readonly time: Time
  /** What is not set has its default. */
  readonly config: Partial<GroupConfig>
  readonly onWarning: (message: string) => void
  /** @throws LOG_ENGINE_CLOSED */
  readonly assertOpen: () => void
}

/** @see org.apache.kafka.coordinator.group.GroupCoordinatorService */
export class GroupCoordinator implements Groups {
  readonly offsets: GroupOffsets
  /** The consumer group protocol. */
  readonly consumers: ConsumerGroupCoordinator
  readonly #options: GroupCoordinatorOptions
  readonly #config: GroupConfig
  readonly #log: ConsumerOffsetsLog
  readonly #rebalance: GroupRebalance
  readonly #joining: GroupJoining
  readonly #expiry: OffsetExpiry
  readonly #classicMembers: ClassicMembers

  /** Replays the log. The sessions of the members that it knows begin now. */
  constructor(options: GroupCoordinatorOptions) {
    const { partition, topics, time, onWarning, assertOpen } = options
    const config = { ...defaultGroupConfig, ...options.config }
    const log = new ConsumerOffsetsLog(partition, time)
    this.#options = options
    this.#config = config
    this.#log = log
    this.#rebalance = new GroupRebalance({ log, time, config, onWarning })
    this.#joining = new GroupJoining({ log, rebalance: this.#rebalance, time, config })
    const migration = new GroupMigration({ log, rebalance: this.#rebalance, topics, time, config })
    this.consumers = new ConsumerGroupCoordinator({ log, topics, time, config, migration, onWarning, assertOpen })
    this.#classicMembers = new ClassicMembers(this.consumers, topics)
    const { sessions } = this.#rebalance
    this.offsets = new GroupOffsets({ log, sessions, consumers: this.consumers, topics, time })
    this.#expiry = new OffsetExpiry({ log, time, config, onWarning })
    for (const group of log.groups.all()) {
      for (const member of group.members.values()) this.#rebalance.sessions.renew(group, member)
      const hasChangedOver = group.leader === null && group.members.size > 0
      if (hasChangedOver || group.members.size > config.maxSize) this.#rebalance.prepare(group)
    }
  }

  /** Where groups and offsets are kept. */
  get log(): Pick<ConsumerOffsetsLog, 'partition' | 'appendMarker'> {
    return this.#log
  }

  join(request: JoinGroupRequest): Promise<JoinGroupResponse> {
    return new Promise((resolve, reject) => {
      this.#options.assertOpen()
      const consumers = this.#joinedConsumerGroup(request)
      if (consumers !== undefined) {
        resolve(this.#classicMembers.join(consumers, request))
        return
      }
      this.#joining.join(request, { resolve, reject })
    })
  }

  sync(request: SyncGroupRequest): Promise<SyncGroupResponse> {
    return new Promise((resolve, reject) => {
      const consumers = this.#consumerGroup(request.groupId)
      if (consumers !== undefined) {
        resolve(this.#classicMembers.sync(consumers, request))
        return
      }
      const [group, member] = this.#require(request)
      const { protocolType, protocolName } = request
      const isOfType = protocolType === null || protocolType === group.protocolType
      if (!isOfType || (protocolName !== null && protocolName !== group.protocolName)) {
        throw inconsistentProtocol(group.groupId, `'${group.protocolName}' of type '${group.protocolType}'`)
      }
      if (group.state === 'PreparingRebalance') throw rebalanceInProgress(group.groupId)
      this.#rebalance.noteSync(group, member)
      if (group.state === 'Stable') {
        resolve(group.syncResponse(member))
        return
      }
      // A client that did not hear in time asks again: only the last of its requests is answered.
      member.syncing?.reject(rebalanceInProgress(group.groupId))
      member.syncing = { resolve, reject }
      if (group.leader === member.memberId) this.#rebalance.completeSync(group, request.assignments)
    })
  }

  heartbeat(request: HeartbeatRequest): void {
    const consumers = this.#consumerGroup(request.groupId)
    if (consumers !== undefined) {
      this.#classicMembers.heartbeat(consumers, request)
      return
    }
    const [group, member] = this.#require(request)
    this.#rebalance.sessions.renew(group, member)
    if (group.state === 'PreparingRebalance') throw rebalanceInProgress(group.groupId)
  }

  leave({ groupId, members }: LeaveGroupRequest): readonly LeftMember[] {
    this.#assertOpen(groupId)
    const consumers = this.#log.consumerGroups.get(groupId)
    if (consumers !== undefined) return members.map((member) => this.#leaveConsumerGroup(consumers, member))
    const group = this.#log.groups.get(groupId)
    const leaving = new Set<GroupMember>()
    const answers = members.map((member): LeftMember => {
      const { memberId, groupInstanceId } = member
      try {
        if (group === undefined) throw unknownMember(groupId, memberId)
        if (group.pendingMembers.has(memberId)) this.#joining.dropPending(group, memberId)
        else leaving.add(memberToLeave(group, member))
        return { memberId, groupInstanceId, error: 'NONE' }
      } catch (error) {
        if (!(error instanceof EngineError)) throw error
        return { memberId, groupInstanceId, error: error.code as LeftMember['error'] }
      }
    })
    if (group !== undefined && leaving.size > 0) this.#rebalance.remove(group, [...leaving])
    return answers
  }

  describe(groupId: string): GroupDescription | undefined {
    this.#options.assertOpen()
    const group = this.#log.groups.get(groupId)
    if (group !== undefined) return group.describe()
    if (!this.#log.offsets.has(groupId) || this.#log.consumerGroups.has(groupId)) return undefined
    return {
      groupId,
      type: 'classic',
      protocolType: '',
      state: 'Empty',
      generationId: 0,
      protocolName: '',
      members: [],
    }
  }

  list(states: readonly string[] = []): readonly GroupListing[] {
    this.#options.assertOpen()
    const listings = new Map<string, GroupListing>()
    for (const groupId of this.#log.offsets.groupIds()) {
      listings.set(groupId, { groupId, type: 'classic', protocolType: '', state: 'Empty' })
    }
    for (const { groupId, protocolType, state } of this.#log.groups.all()) {
      listings.set(groupId, { groupId, type: 'classic', protocolType, state })
    }
    for (const { groupId, state } of this.#log.consumerGroups.values()) {
      listings.set(groupId, { groupId, type: 'consumer', protocolType: 'consumer', state })
    }
    const wanted = new Set(states.map((state) => state.toLowerCase()))
    return [...listings.values()]
      .filter(({ state }) => wanted.size === 0 || wanted.has(state.toLowerCase()))
      .sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  }

  delete(groupId: string): void {
    this.#assertOpen(groupId)
    const group = this.#log.groups.get(groupId)
    const consumers = this.#log.consumerGroups.get(groupId)
    if (consumers !== undefined) {
      if (consumers.members.size > 0) throw nonEmptyGroup(groupId)
      const tombstones = consumerGroupTombstones(consumers).map(encodeConsumerGroupRecord)
      this.#log.append([...this.offsets.tombstonesOf(groupId), ...tombstones])
      return
    }
    if (group === undefined && !this.#log.offsets.has(groupId)) throw groupNotFound(groupId)
    if (group !== undefined && group.state !== 'Empty') throw nonEmptyGroup(groupId)
    for (const timer of group?.pendingMembers.values() ?? []) timer.cancel()
    this.#log.append([...this.offsets.tombstonesOf(groupId), groupTombstone(groupId)])
  }

  deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): readonly DeletedOffset[] {
    this.#assertOpen(groupId)
    return this.offsets.delete(groupId, partitions)
  }

  /** Removes now what nobody will come back for. */
  expireOffsets(): void {
    this.#expiry.run()
  }

  /** Refuses what waits, and stops all timers. The members are not told to leave: they may come back in time. */
  close(): void {
    this.#expiry.close()
    this.consumers.close()
    for (const group of this.#log.groups.all()) {
      group.phaseTimer?.cancel()
      for (const timer of group.pendingMembers.values()) timer.cancel()
      for (const member of group.members.values()) {
        this.#rebalance.sessions.end(member)
        member.refuse(coordinatorIsClosing(group.groupId))
      }
    }
  }

  #consumerGroup(groupId: string): ConsumerGroup | undefined {
    this.#assertOpen(groupId)
    return this.#log.consumerGroups.get(groupId)
  }

  /** The consumer group that a classic member joins; one without members gives way. */
  #joinedConsumerGroup(request: JoinGroupRequest): ConsumerGroup | undefined {
    const { groupId, groupInstanceId } = request
    const group = this.#log.consumerGroups.get(groupId)
    if (group === undefined) return undefined
    const config = this.#config
    assertValidJoin(request, config)
    if (group.members.size > 0 && config.migrationPolicy === 'disabled') {
      throw inconsistentProtocol(groupId, 'the protocol of KIP-848')
    }
    if (groupInstanceId !== null && request.memberId === '') this.consumers.makeWay(group, groupInstanceId)
    const left = this.#log.consumerGroups.get(groupId)
    if (left === undefined || left.members.size > 0) return left
    this.#log.append(consumerGroupTombstones(left).map(encodeConsumerGroupRecord))
    return undefined
  }

  #leaveConsumerGroup(group: ConsumerGroup, { memberId, groupInstanceId }: LeavingMember): LeftMember {
    const known = groupInstanceId === null ? memberId : group.memberIdOf(groupInstanceId)
    const member = group.members.get(known ?? '')
    if (member === undefined) return { memberId, groupInstanceId, error: 'UNKNOWN_MEMBER_ID' }
    if (memberId !== '' && member.memberId !== memberId) {
      return { memberId, groupInstanceId, error: 'FENCED_INSTANCE_ID' }
    }
    this.consumers.remove(group, [member])
    return { memberId, groupInstanceId, error: 'NONE' }
  }

  /** @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION */
  #require({ groupId, memberId, groupInstanceId, generationId }: GenerationMember): [ClassicGroup, GroupMember] {
    this.#assertOpen(groupId)
    const group = this.#log.groups.get(groupId)
    if (group === undefined) throw unknownMember(groupId, memberId)
    const member = group.requireMember(memberId, groupInstanceId)
    if (generationId !== group.generationId) throw illegalGeneration(groupId, generationId, group.generationId)
    return [group, member]
  }

  #assertOpen(groupId: string): void {
    this.#options.assertOpen()
    assertGroupId(groupId)
  }
}

/** An administrator names only the instance. @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID */
function memberToLeave(group: ClassicGroup, { memberId, groupInstanceId }: LeavingMember): GroupMember {
  const known = groupInstanceId === null ? undefined : group.memberIdOf(groupInstanceId)
  if (memberId === '' && known !== undefined) return group.requireMember(known, groupInstanceId)
  return group.requireMember(memberId, groupInstanceId)
}
