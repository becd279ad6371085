// ConsumerGroup: one group of the consumer group protocol, as the log says it is.
//
// Owns:      its epochs, members, their targets, the expressions they subscribe to; who holds which partition.
// Does not:  decide anything (ConsumerGroupHeartbeats), write the log or read the clock.
// In:        `replay` with each record of the group.
// Out:       its state; what decisions are made of.
//
// Invariants
//   K1. Everything here comes from the log: a restart restores it.
//   K2. A partition has one holder: a member gets it only when nobody holds it any more.
//   K3. The target assignment is that of `assignmentEpoch`, never above `groupEpoch`.

import type { MemberProtocol } from '../group/group-requests.ts'
import {
  type ConsumerGroupMember,
  type HeldPartitions,
  type MemberSubscription,
  nothingAssigned,
  type TopicIdPartitions,
} from './consumer-group-member.ts'
import type { ConsumerGroupRecord, ResolvedExpression } from './consumer-group-records.ts'
import type { ConsumerGroupState } from './consumer-group-requests.ts'

const noPartitions: TopicIdPartitions = new Map()

/** @see org.apache.kafka.coordinator.group.modern.consumer.ConsumerGroup */
export class ConsumerGroup {
  readonly groupId: string
  readonly #members = new Map<string, ConsumerGroupMember>()
  readonly #instances = new Map<string, string>()
  readonly #targets = new Map<string, TopicIdPartitions>()
  readonly #expressions = new Map<string, ResolvedExpression>()
  /** Member ids by topic id and partition. */
  readonly #holders = new Map<string, Map<number, string>>()
  #groupEpoch = 0
  #metadataHash = 0n
  #assignmentEpoch = 0
  /** The version of the topic catalog at which subscriptions were last looked at; not in the log. */
  seenTopics = -1

  constructor(groupId: string) {
    this.groupId = groupId
  }

  /** Rises when what the members subscribe to, or who they are, changes. */
  get groupEpoch(): number {
    return this.#groupEpoch
  }

  /** Of the topics of `groupEpoch`. */
  get metadataHash(): bigint {
    return this.#metadataHash
  }

  /** The group epoch of the target assignment. */
  get assignmentEpoch(): number {
    return this.#assignmentEpoch
  }

  get members(): ReadonlyMap<string, ConsumerGroupMember> {
    return this.#members
  }

  get expressions(): ReadonlyMap<string, ResolvedExpression> {
    return this.#expressions
  }

  get state(): ConsumerGroupState {
    if (this.#members.size === 0) return 'Empty'
    if (this.#groupEpoch > this.#assignmentEpoch) return 'Assigning'
    for (const { state, memberEpoch } of this.#members.values()) {
      if (state !== 'stable' || memberEpoch !== this.#assignmentEpoch) return 'Reconciling'
    }
    return 'Stable'
  }

  /** The member's id under an instance id. */
  memberIdOf(instanceId: string): string | undefined {
    return this.#instances.get(instanceId)
  }

  target(memberId: string): TopicIdPartitions {
    return this.#targets.get(memberId) ?? noPartitions
  }

  isHeld(topicId: string, partition: number): boolean {
    return this.#holders.get(topicId)?.has(partition) ?? false
  }

  /** Whether something that the member is to get is held by another one still. */
  waitsForOthers({ memberId, assigned }: ConsumerGroupMember): boolean {
    for (const [topicId, partitions] of this.target(memberId)) {
      for (const partition of partitions) {
        if (!assigned.get(topicId)?.has(partition) && this.isHeld(topicId, partition)) return true
      }
    }
    return false
  }

  /** The protocols that all classic members have, by name; empty without such members. */
  classicProtocols(): ReadonlySet<string> {
    let common: Set<string> | undefined
    for (const { classic } of this.#members.values()) {
      if (classic === null) continue
      const names = classic.protocols.map(({ name }) => name)
      common = new Set(common === undefined ? names : names.filter((name) => common?.has(name)))
    }
    return common ?? new Set()
  }

  /** Whether a classic member with these protocols fits in. */
  supports(protocols: readonly MemberProtocol[]): boolean {
    const common = this.classicProtocols()
    const hasClassicMembers = [...this.#members.values()].some(({ classic }) => classic !== null)
    return protocols.length > 0 && (!hasClassicMembers || protocols.some(({ name }) => common.has(name)))
  }

  /** The names of the topics that a member subscribes to, by name or by expression. */
  topicNamesOf({ topicNames, topicRegex }: MemberSubscription): ReadonlySet<string> {
    return new Set([...topicNames, ...(this.#expressions.get(topicRegex ?? '')?.topicNames ?? [])])
  }

  /** The names of the topics of all members. */
  topicNames(): ReadonlySet<string> {
    const names = new Set<string>()
    for (const member of this.#members.values()) for (const name of this.topicNamesOf(member)) names.add(name)
    return names
  }

  /** Takes in a record of the group; false when the group is gone. */
  replay(record: ConsumerGroupRecord): boolean {
    switch (record.kind) {
      case 'group':
        this.#groupEpoch = record.value?.epoch ?? 0
        this.#metadataHash = record.value?.metadataHash ?? 0n
        return record.value !== null
      case 'target':
        this.#assignmentEpoch = record.value ?? 0
        return true
      case 'member-target':
        if (record.value === null) this.#targets.delete(record.memberId)
        else this.#targets.set(record.memberId, record.value)
        return true
      case 'expression':
        if (record.value === null) this.#expressions.delete(record.expression)
        else this.#expressions.set(record.expression, record.value)
        return true
      case 'member':
        if (record.value === null) this.#remove(record.memberId)
        else {
          const { memberId, value } = record
          this.#put({ ...nothingAssigned, ...this.#members.get(memberId), ...value, memberId })
        }
        return true
      case 'member-state': {
        const member = this.#members.get(record.memberId)
        if (member !== undefined) this.#put({ ...member, ...nothingAssigned, ...record.value })
        return true
      }
      default:
        return true
    }
  }

  #put(member: ConsumerGroupMember): void {
    const { memberId, instanceId } = member
    const before = this.#members.get(memberId)
    if (before !== undefined) this.#release(before)
    this.#members.set(memberId, member)
    if (instanceId !== null) this.#instances.set(instanceId, memberId)
    this.#hold(memberId, member.assigned)
    this.#hold(memberId, member.pendingRevocation)
  }

  #remove(memberId: string): void {
    const member = this.#members.get(memberId)
    if (member === undefined) return
    this.#members.delete(memberId)
    this.#release(member)
    if (member.instanceId !== null && this.#instances.get(member.instanceId) === memberId) {
      this.#instances.delete(member.instanceId)
    }
  }

  #hold(memberId: string, held: HeldPartitions): void {
    for (const [topicId, partitions] of held) {
      const holders = this.#holders.get(topicId) ?? new Map<number, string>()
      for (const partition of partitions.keys()) holders.set(partition, memberId)
      this.#holders.set(topicId, holders)
    }
  }

  /** In a compacted log a partition can have been taken by its next holder already. */
  #release({ memberId, assigned, pendingRevocation }: ConsumerGroupMember): void {
    for (const [topicId, partitions] of [...assigned, ...pendingRevocation]) {
      const holders = this.#holders.get(topicId)
      if (holders === undefined) continue
      for (const partition of partitions.keys()) if (holders.get(partition) === memberId) holders.delete(partition)
      if (holders.size === 0) this.#holders.delete(topicId)
    }
  }
}
