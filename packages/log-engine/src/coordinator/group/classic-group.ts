// ClassicGroup: one group of the classic protocol, as it is now.
//
// Owns:      its state, generation, leader and members; which requests of theirs wait.
// Does not:  decide what happens next (GroupRebalance), write the log or read the clock.
// In:        members from joins and departures; `settle` from the log.
// Out:       answers for members, the record of the group, its description.
//
// Invariants
//   G1. A group is Stable or Empty through `settle` alone, which takes in a record of the log: a restart restores it.
//   G2. A rebalance is not in the log. A restart during one leaves the group as it was settled before; its members are told
//       ILLEGAL_GENERATION or UNKNOWN_MEMBER_ID and join again.
//   G3. All members of a Stable or CompletingRebalance group have the group's generation: whoever has not joined is none.
//   G4. A group with members has a leader among them, but for one that has just changed over (GroupMigration) and waits for
//       its members to join; its members have a protocol in common.
//   G5. An instance id belongs to one member.
//   G6. A join waits only in PreparingRebalance, a sync only in CompletingRebalance.

import type { Timer } from '../../time.ts'
import { subscribedTopics } from './consumer-subscription.ts'
import { fencedInstance, unknownMember } from './group-errors.ts'
import { GroupMember } from './group-member.ts'
import type { GroupRecord } from './group-records.ts'
import type {
  GroupDescription,
  GroupState,
  JoinGroupRequest,
  JoinGroupResponse,
  SyncGroupResponse,
} from './group-requests.ts'
import { VALID_TRANSITIONS } from './group-state.ts'
import { chooseProtocol, hasCommonProtocol } from './protocol-vote.ts'

const noBytes = new Uint8Array(0)

/** @see org.apache.kafka.coordinator.group.classic.ClassicGroup */
export class ClassicGroup {
  readonly groupId: string
  readonly members = new Map<string, GroupMember>()
  /** New members that were told their id and have not joined with it yet; each until its timer fires. */
  readonly pendingMembers = new Map<string, Timer>()
  /** Members of the generation that have not synced yet. */
  readonly missingSyncs = new Set<string>()
  /** Ends the phase of the rebalance, or drops members that do not sync. */
  phaseTimer: Timer | undefined
  /** The rebalance began with an empty group: its join phase ends by time only. */
  isInitialRebalance = false
  /** A member was added since the initial rebalance was last put off. */
  hasNewMember = false
  /** Whether the log has a record of the group. */
  isInLog = false
  #state: GroupState = 'Empty'
  #stateTimestamp = -1
  #generationId = 0
  #protocolType = ''
  #protocolName: string | null = null
  #leader: string | null = null
  readonly #instances = new Map<string, string>()

  constructor(groupId: string) {
    this.groupId = groupId
  }

  get state(): GroupState {
    return this.#state
  }

  /** Since when the group is in its settled state, Unix ms; -1 when unknown. */
  get stateTimestamp(): number {
    return this.#stateTimestamp
  }

  /** 0 before the first. */
  get generationId(): number {
    return this.#generationId
  }

  /** Empty when nobody ever joined. */
  get protocolType(): string {
    return this.#protocolType
  }

  get protocolName(): string | null {
    return this.#protocolName
  }

  /** Member id; null without members. */
  get leader(): string | null {
    return this.#leader
  }

  get canPrepareRebalance(): boolean {
    return VALID_TRANSITIONS[this.#state].includes('PreparingRebalance')
  }

  /** The longest of its members, ms. */
  get rebalanceTimeoutMs(): number {
    let longest = 0
    for (const { rebalanceTimeoutMs } of this.members.values()) longest = Math.max(longest, rebalanceTimeoutMs)
    return longest
  }

  /** Nobody is missing for the join phase to end. */
  get hasAllJoined(): boolean {
    return this.pendingMembers.size === 0 && this.joiningCount === this.members.size
  }

  /** Members whose join waits. */
  get joiningCount(): number {
    let count = 0
    for (const { joining } of this.members.values()) if (joining !== undefined) count++
    return count
  }

  get usesConsumerProtocol(): boolean {
    return this.#protocolType === 'consumer'
  }

  /** The member's id under an instance id. */
  memberIdOf(groupInstanceId: string): string | undefined {
    return this.#instances.get(groupInstanceId)
  }

  /** @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID */
  requireMember(memberId: string, groupInstanceId: string | null): GroupMember {
    if (groupInstanceId !== null) {
      const known = this.#instances.get(groupInstanceId)
      if (known === undefined) throw unknownMember(this.groupId, memberId)
      if (known !== memberId) throw fencedInstance(this.groupId, groupInstanceId, memberId)
    }
    const member = this.members.get(memberId)
    if (member === undefined) throw unknownMember(this.groupId, memberId)
    return member
  }

  /** Whether a member of this type with these protocols fits in. */
  supports({ protocolType, protocols }: Pick<JoinGroupRequest, 'protocolType' | 'protocols'>): boolean {
    if (this.#state === 'Empty') return protocolType !== '' && protocols.length > 0
    return protocolType === this.#protocolType && hasCommonProtocol(this.members.values(), protocols)
  }

  /** The topics of all members; undefined where that cannot be known. */
  subscription(): ReadonlySet<string> | undefined {
    if (!this.usesConsumerProtocol) return undefined
    const topics = new Set<string>()
    for (const member of this.members.values()) {
      const own = subscribedTopics(member.metadataFor(this.#protocolName))
      if (own === undefined) return undefined
      for (const topic of own) topics.add(topic)
    }
    return topics
  }

  /** The first member brings the protocol type, and leads. */
  add(member: GroupMember, protocolType: string): void {
    if (this.members.size === 0) this.#protocolType = protocolType
    this.#leader ??= member.memberId
    this.members.set(member.memberId, member)
    if (member.groupInstanceId !== null) this.#instances.set(member.groupInstanceId, member.memberId)
  }

  /** The next member leads when the leader is removed. */
  remove(member: GroupMember): void {
    this.members.delete(member.memberId)
    this.missingSyncs.delete(member.memberId)
    if (member.groupInstanceId !== null) this.#instances.delete(member.groupInstanceId)
    if (this.#leader === member.memberId) this.#leader = this.members.keys().next().value ?? null
  }

  /** The instance goes on as another member, which leads if the old one did. */
  replace(old: GroupMember, replacement: GroupMember): void {
    const wasLeader = this.#leader === old.memberId
    this.remove(old)
    this.add(replacement, this.#protocolType)
    if (wasLeader) this.#leader = replacement.memberId
  }

  /** Makes sure that the leader has joined; false when nobody has. */
  electJoinedLeader(): boolean {
    if (this.#leader !== null && this.members.get(this.#leader)?.joining !== undefined) return true
    for (const [memberId, { joining }] of this.members) {
      if (joining === undefined) continue
      this.#leader = memberId
      return true
    }
    return false
  }

  prepareRebalance(): void {
    this.isInitialRebalance = this.#state === 'Empty'
    this.hasNewMember = false
    this.missingSyncs.clear()
    this.#transitionTo('PreparingRebalance')
  }

  /** Begins the next generation, with the members there are. */
  completeJoin(): void {
    this.#generationId++
    this.#protocolName = chooseProtocol([...this.members.values()]) ?? null
    for (const memberId of this.members.keys()) this.missingSyncs.add(memberId)
    this.#transitionTo('CompletingRebalance')
  }

  /** Takes in what the log says of the group. Members that are as it says go on as they are, with what it does not say. */
  settle(record: GroupRecord): void {
    this.#transitionTo(record.members.length > 0 ? 'Stable' : 'Empty')
    const known = new Map(this.members)
    this.members.clear()
    this.#instances.clear()
    this.#protocolType = record.protocolType
    this.#protocolName = record.protocolName
    this.#generationId = record.generationId
    for (const memberRecord of record.members) {
      const member = known.get(memberRecord.memberId)
      const isAsKnown = member?.isAsRecorded(memberRecord, record.protocolName) === true
      const settled = isAsKnown ? member : GroupMember.restored(memberRecord, record.protocolName ?? '')
      settled.assignment = memberRecord.assignment
      this.add(settled, record.protocolType)
    }
    this.#leader = record.leader
    this.#stateTimestamp = record.stateTimestamp
    this.isInLog = true
  }

  /** The group is gone. */
  die(): void {
    this.#transitionTo('Dead')
  }

  /** The group as it will be settled: with these assignments, or without members. */
  toRecord(assignments: ReadonlyMap<string, Uint8Array>, stateTimestamp: number): GroupRecord {
    const isEmpty = this.members.size === 0
    return {
      groupId: this.groupId,
      protocolType: this.#protocolType,
      generationId: isEmpty ? this.#generationId + 1 : this.#generationId,
      protocolName: isEmpty ? null : this.#protocolName,
      leader: this.#leader,
      stateTimestamp,
      members: [...this.members.values()].map((member) =>
        member.toRecord(this.#protocolName, assignments.get(member.memberId) ?? noBytes),
      ),
    }
  }

  /** What a member hears at the end of the join phase. */
  joinResponse(member: GroupMember): JoinGroupResponse {
    const isLeader = this.#leader === member.memberId
    const members = isLeader ? [...this.members.values()] : []
    return {
      generationId: this.#generationId,
      protocolType: this.#protocolType,
      protocolName: this.#protocolName ?? '',
      leader: this.#leader ?? '',
      memberId: member.memberId,
      skipAssignment: false,
      members: members.map((one) => ({
        memberId: one.memberId,
        groupInstanceId: one.groupInstanceId,
        metadata: one.metadataFor(this.#protocolName),
      })),
    }
  }

  /** What a member hears when the assignments are there. */
  syncResponse({ assignment }: GroupMember): SyncGroupResponse {
    return { protocolType: this.#protocolType, protocolName: this.#protocolName ?? '', assignment }
  }

  describe(): GroupDescription {
    const isStable = this.#state === 'Stable'
    return {
      groupId: this.groupId,
      type: 'classic',
      protocolType: this.#protocolType,
      state: this.#state,
      generationId: this.#generationId,
      protocolName: isStable ? (this.#protocolName ?? '') : '',
      members: [...this.members.values()].map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        metadata: isStable ? member.metadataFor(this.#protocolName) : noBytes,
        assignment: isStable ? member.assignment : noBytes,
      })),
    }
  }

  /** Between two settled states the log may have left out the rebalance. */
  #transitionTo(state: GroupState): void {
    const isFromLog = isSettled(this.#state) && (isSettled(state) || state === 'Dead')
    if (!isFromLog && !VALID_TRANSITIONS[this.#state].includes(state)) {
      throw new Error(`Group '${this.groupId}' cannot go from ${this.#state} to ${state}.`)
    }
    this.#state = state
  }
}

function isSettled(state: GroupState): boolean {
  return state === 'Empty' || state === 'Stable'
}
