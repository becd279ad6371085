import { randomUUID } from 'node:crypto'
import type { Time } from '../../time.ts'
import type { ClassicGroup } from './classic-group.ts'
import type { ConsumerOffsetsLog } from './consumer-offsets-log.ts'
import type { GroupConfig } from './group-config.ts'
import {
  fencedInstance,
  groupIsFull,
  inconsistentProtocol,
  rebalanceInProgress,
  unknownMember,
} from './group-errors.ts'
import { GroupMember, type WaitingRequest } from './group-member.ts'
import type { GroupRebalance } from './group-rebalance.ts'
import { encodeGroup } from './group-records.ts'
import { type JoinGroupRequest, type JoinGroupResponse, MemberIdRequiredError } from './group-requests.ts'
import { assertValidJoin } from './join-check.ts'
import { chooseProtocol } from './protocol-vote.ts'

type WaitingJoin = WaitingRequest<JoinGroupResponse>

/** What joins need. */
export interface GroupJoiningOptions {
  readonly log: ConsumerOffsetsLog
  readonly rebalance: GroupRebalance
  readonly time: Time
  readonly config: GroupConfig
}

/** JoinGroup: who is new, who comes back, who takes over, and whether that needs a rebalance. */
export class GroupJoining {
  readonly #options: GroupJoiningOptions

  constructor(options: GroupJoiningOptions) {
    this.#options = options
  }

  /** Answers through `waiting` now or when the join phase ends; what it throws instead is the answer too. */
  join(request: JoinGroupRequest, waiting: WaitingJoin): void {
    const { log, config } = this.#options
    assertValidJoin(request, config)
    const { groupId, memberId } = request
    const known = log.groups.get(groupId)
    if (known === undefined && memberId !== '') throw unknownMember(groupId, memberId)
    const group = known ?? log.groups.getOrCreate(groupId)
    try {
      this.#assertRoom(group, memberId)
      if (!group.supports(request)) throw inconsistentProtocol(groupId, protocolsOf(group))
      if (memberId === '') this.#joinAsNew(group, request, waiting)
      else this.#joinAgain(group, request, waiting)
    } finally {
      log.groups.dropIfUnused(group)
    }
  }

  /** Forgets a member that was told its id. */
  dropPending(group: ClassicGroup, memberId: string): void {
    group.pendingMembers.get(memberId)?.cancel()
    group.pendingMembers.delete(memberId)
    this.#options.rebalance.maybeCompleteJoin(group)
    this.#options.log.groups.dropIfUnused(group)
  }

  #joinAsNew(group: ClassicGroup, request: JoinGroupRequest, waiting: WaitingJoin): void {
    const { clientId, groupInstanceId } = request
    const memberId = `${groupInstanceId ?? clientId}-${randomUUID()}`
    if (groupInstanceId !== null) {
      const old = group.members.get(group.memberIdOf(groupInstanceId) ?? '')
      if (old === undefined) this.#add(group, memberId, request, waiting)
      else this.#replace(group, old, memberId, request, waiting)
    } else if (request.requiresKnownMemberId) {
      const expire = (): void => this.dropPending(group, memberId)
      group.pendingMembers.set(memberId, this.#options.time.setTimer(request.sessionTimeoutMs, expire))
      throw new MemberIdRequiredError(group.groupId, memberId)
    } else this.#add(group, memberId, request, waiting)
  }

  #joinAgain(group: ClassicGroup, request: JoinGroupRequest, waiting: WaitingJoin): void {
    const { memberId, groupInstanceId, protocols } = request
    if (groupInstanceId === null && group.pendingMembers.has(memberId)) {
      this.#add(group, memberId, request, waiting)
      return
    }
    const member = group.requireMember(memberId, groupInstanceId)
    const isLeaderOfStable = group.state === 'Stable' && group.leader === memberId
    if (group.state === 'PreparingRebalance' || isLeaderOfStable || !member.hasProtocols(protocols)) {
      member.update(request)
      wait(group, member, waiting)
      this.#options.rebalance.advance(group)
    } else waiting.resolve(group.joinResponse(member))
  }

  #add(group: ClassicGroup, memberId: string, request: JoinGroupRequest, waiting: WaitingJoin): void {
    const { rebalance, config } = this.#options
    const member = GroupMember.joining(memberId, request)
    member.isNew = true
    member.joining = waiting
    group.pendingMembers.get(memberId)?.cancel()
    group.pendingMembers.delete(memberId)
    group.add(member, request.protocolType)
    group.hasNewMember = true
    rebalance.sessions.renew(group, member, config.newMemberJoinTimeoutMs)
    rebalance.advance(group)
  }

  /**
   * A static member has started again: it takes over the membership under a new member id, and the old id is fenced. In a
   * Stable group that stays at its protocol nothing else changes.
   */
  #replace(
    group: ClassicGroup,
    old: GroupMember,
    memberId: string,
    request: JoinGroupRequest,
    waiting: WaitingJoin,
  ): void {
    const { rebalance } = this.#options
    const replacement = GroupMember.joining(memberId, request)
    const voters = [...group.members.values()].map((member) => (member === old ? replacement : member))
    if (group.state === 'Stable' && chooseProtocol(voters) === group.protocolName) {
      this.#takeOver(group, old, replacement, request, waiting)
      return
    }
    rebalance.sessions.end(old)
    old.refuse(fencedInstance(group.groupId, request.groupInstanceId ?? '', old.memberId))
    group.replace(old, replacement)
    wait(group, replacement, waiting)
    rebalance.sessions.renew(group, replacement)
    rebalance.advance(group)
  }

  #takeOver(
    group: ClassicGroup,
    old: GroupMember,
    replacement: GroupMember,
    request: JoinGroupRequest,
    waiting: WaitingJoin,
  ): void {
    const { log, rebalance } = this.#options
    const oldLeader = group.leader
    const isLeader = oldLeader === old.memberId
    const { protocolName, stateTimestamp } = group
    const record = group.toRecord(assignmentsOf(group), stateTimestamp)
    const members = record.members.map((member) =>
      member.memberId === old.memberId ? replacement.toRecord(protocolName, old.assignment) : member,
    )
    log.append([encodeGroup({ ...record, leader: isLeader ? replacement.memberId : oldLeader, members })])
    rebalance.sessions.end(old)
    const member = group.requireMember(replacement.memberId, replacement.groupInstanceId)
    member.update(request)
    if (group.missingSyncs.delete(old.memberId)) group.missingSyncs.add(member.memberId)
    rebalance.sessions.renew(group, member)
    // A leader that cannot be told to leave the assignment alone must not learn that it leads.
    const { supportsSkippingAssignment } = request
    const response = group.joinResponse(member)
    if (supportsSkippingAssignment) waiting.resolve({ ...response, skipAssignment: isLeader })
    else waiting.resolve({ ...response, leader: oldLeader ?? '', members: [] })
  }

  /** In a join phase those who have joined are counted: the last to rejoin an overfull group are left out. */
  #assertRoom(group: ClassicGroup, memberId: string): void {
    const { maxSize } = this.#options.config
    const member = group.members.get(memberId)
    if (group.state === 'Empty') return
    if (group.state === 'PreparingRebalance') {
      if (member?.joining !== undefined || group.joiningCount < maxSize) return
    } else if (member !== undefined || group.members.size < maxSize) return
    if (member !== undefined) this.#options.rebalance.remove(group, [member])
    throw groupIsFull(group.groupId, maxSize)
  }
}

/** A client that did not hear in time asks again: only the last of its requests is answered. */
function wait(group: ClassicGroup, member: GroupMember, waiting: WaitingJoin): void {
  member.joining?.reject(rebalanceInProgress(group.groupId))
  member.joining = waiting
}

function assignmentsOf(group: ClassicGroup): ReadonlyMap<string, Uint8Array> {
  return new Map([...group.members.values()].map(({ memberId, assignment }) => [memberId, assignment]))
}

function protocolsOf(group: ClassicGroup): string {
  if (group.state === 'Empty') return 'a protocol type and protocols that have names'
  const names = new Set([...group.members.values()].flatMap(({ protocols }) => protocols.map(({ name }) => name)))
  return `the type '${group.protocolType}' with ${[...names].join(', ')}`
}
