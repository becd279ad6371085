// GroupMigration: turns a group of the classic protocol into a consumer group and back, with its members, while they run.
//
// Owns:      when that may be done, and the records that do it, which are appended as one batch.
// Does not:  serve requests; the coordinators ask for it.
//
//   classic ── a member of the consumer group protocol joins ──► consumer group, in which its members stay classic members
//   classic ◄── the last member of the consumer group protocol leaves or falls silent ── consumer group
//
// @see KIP-848 (Migration), org.apache.kafka.coordinator.group.ConsumerGroupMigrationPolicy

import type { Time } from '../time.ts'
import { classicAssignment, readClassicAssignment, readClassicSubscription } from './consumer-group/classic-member.ts'
import type { ConsumerGroup } from './consumer-group/consumer-group.ts'
import { notAConsumerGroup } from './consumer-group/consumer-group-errors.ts'
import type { ConsumerGroupMember, TopicIdPartitions } from './consumer-group/consumer-group-member.ts'
import {
  type ConsumerGroupRecord,
  consumerGroupTombstones,
  encodeConsumerGroupRecord,
  memberTombstones,
} from './consumer-group/consumer-group-records.ts'
import { metadataHash } from './consumer-group/subscribed-topics.ts'
import type { TopicCatalog } from './consumer-group/topic-catalog.ts'
import type { ClassicGroup } from './group/classic-group.ts'
import type { ConsumerOffsetsLog } from './group/consumer-offsets-log.ts'
import type { GroupConfig } from './group/group-config.ts'
import { rebalanceInProgress } from './group/group-errors.ts'
import { GroupMember } from './group/group-member.ts'
import type { GroupRebalance } from './group/group-rebalance.ts'
import { encodeGroup, groupTombstone } from './group/group-records.ts'
import { chooseProtocol } from './group/protocol-vote.ts'

/** What migrations need. */
export interface GroupMigrationOptions {
  readonly log: ConsumerOffsetsLog
  readonly rebalance: GroupRebalance
  readonly topics: TopicCatalog
  readonly time: Time
  readonly config: GroupConfig
}

export class GroupMigration {
  readonly #options: GroupMigrationOptions

  constructor(options: GroupMigrationOptions) {
    this.#options = options
  }

  /**
   * The group is a consumer group from now on, be there one or not. Its members hold what they were assigned last, and those that were joining
   * are told to join again.
   * @throws GROUP_ID_NOT_FOUND when its members are no consumers, or have an assignor whose data would be lost
   */
  upgrade(groupId: string): void {
    const { log, rebalance } = this.#options
    const group = log.groups.get(groupId)
    const records = group === undefined || group.state === 'Empty' ? emptyGroup(groupId) : this.#upgraded(group)
    const gone = group?.isInLog === true ? [groupTombstone(groupId)] : []
    log.append([...gone, ...records.map(encodeConsumerGroupRecord)])
    if (group === undefined) return
    if (gone.length === 0) log.groups.replay(groupId, null)
    group.phaseTimer?.cancel()
    for (const timer of group.pendingMembers.values()) timer.cancel()
    for (const member of group.members.values()) {
      rebalance.sessions.end(member)
      member.refuse(rebalanceInProgress(groupId))
    }
  }

  /** Whether the group would be one of the classic protocol without these members. */
  mayDowngrade(group: ConsumerGroup, without: readonly ConsumerGroupMember[]): boolean {
    const { migrationPolicy: policy, maxSize } = this.#options.config
    const staying = [...group.members.values()].filter((member) => !without.includes(member))
    if (staying.length === 0 || staying.length > maxSize) return false
    return staying.every(({ classic }) => classic !== null) && (policy === 'downgrade' || policy === 'bidirectional')
  }

  /**
   * The group is one of the classic protocol from now on, without these members; the others are told to join again. Until
   * they have, the log says what they hold, so that another change in between gives nothing of it away; Kafka notes there
   * what they were to get.
   */
  downgrade(group: ConsumerGroup, without: readonly ConsumerGroupMember[]): void {
    const { log, rebalance, topics, time } = this.#options
    const { groupId } = group
    const before = [...group.members.values()]
    const staying = before.filter((member) => !without.includes(member))
    const members = staying.map(toClassic)
    const protocolName = chooseProtocol(members) ?? null
    const record = {
      groupId,
      protocolType: 'consumer',
      generationId: group.groupEpoch,
      protocolName,
      leader: null,
      stateTimestamp: time.now(),
      members: members.map((one, i) => one.toRecord(protocolName, classicAssignment(heldBy(staying[i]!), topics))),
    }
    const gone = [
      ...before.flatMap(({ memberId }) => memberTombstones(groupId, memberId)),
      ...consumerGroupTombstones(group),
    ]
    log.append([...gone.map(encodeConsumerGroupRecord), encodeGroup(record)])
    const classic = log.groups.getOrCreate(groupId)
    for (const { memberId, protocols } of members) {
      const member = classic.requireMember(memberId, null)
      member.protocols = protocols
      rebalance.sessions.renew(classic, member)
    }
    rebalance.prepare(classic)
  }

  #upgraded(group: ClassicGroup): ConsumerGroupRecord[] {
    const { topics, config } = this.#options
    const { groupId, generationId } = group
    const isAllowed = config.migrationPolicy === 'upgrade' || config.migrationPolicy === 'bidirectional'
    if (!isAllowed || !group.usesConsumerProtocol || group.members.size > config.consumerMaxSize) {
      throw notAConsumerGroup(groupId)
    }
    const protocolName = group.protocolName ?? chooseProtocol([...group.members.values()]) ?? null
    const names = new Set<string>()
    const records = [...group.members.values()].flatMap((member): ConsumerGroupRecord[] => {
      const subscription = readClassicSubscription(member.metadataFor(protocolName), topics)
      const assigned = readClassicAssignment(member.assignment, topics)
      if (subscription === undefined || assigned === undefined) throw notAConsumerGroup(groupId)
      for (const name of subscription.topicNames) names.add(name)
      return memberRecords(groupId, member, generationId, subscription.topicNames, assigned)
    })
    const value = { epoch: generationId, metadataHash: metadataHash(names, topics) }
    return [{ kind: 'group', groupId, value }, ...records, { kind: 'target', groupId, value: generationId }]
  }
}

function emptyGroup(groupId: string): ConsumerGroupRecord[] {
  return [{ kind: 'group', groupId, value: { epoch: 0, metadataHash: 0n } }]
}

function memberRecords(
  groupId: string,
  member: GroupMember,
  epoch: number,
  topicNames: readonly string[],
  target: TopicIdPartitions,
): ConsumerGroupRecord[] {
  const { memberId, groupInstanceId, clientId, clientHost, rebalanceTimeoutMs, sessionTimeoutMs, protocols } = member
  const assigned = new Map(
    [...target].map(([topicId, partitions]) => [topicId, new Map([...partitions].map((one) => [one, epoch]))]),
  )
  const value = {
    instanceId: groupInstanceId,
    rackId: null,
    clientId,
    clientHost,
    topicNames,
    topicRegex: null,
    rebalanceTimeoutMs,
    serverAssignor: null,
    classic: { sessionTimeoutMs, protocols },
  }
  const state = {
    memberEpoch: epoch,
    previousMemberEpoch: epoch,
    state: 'stable',
    assigned,
    pendingRevocation: new Map(),
  } as const
  return [
    { kind: 'member', groupId, memberId, value },
    { kind: 'member-target', groupId, memberId, value: target },
    { kind: 'member-state', groupId, memberId, value: state },
  ]
}

function heldBy({ assigned, pendingRevocation }: ConsumerGroupMember): ReadonlyMap<string, ReadonlySet<number>> {
  const held = new Map<string, Set<number>>()
  for (const [topicId, partitions] of [...assigned, ...pendingRevocation]) {
    held.set(topicId, new Set([...(held.get(topicId) ?? []), ...partitions.keys()]))
  }
  return held
}

function toClassic({ memberId, instanceId, classic, ...member }: ConsumerGroupMember): GroupMember {
  const sessionTimeoutMs = classic?.sessionTimeoutMs ?? 0
  return new GroupMember(
    { ...member, memberId, groupInstanceId: instanceId, sessionTimeoutMs },
    classic?.protocols ?? [],
  )
}
