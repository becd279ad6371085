// ClassicMembers: members of a consumer group that follow the classic protocol, on their way from one protocol to the other.
//
// Owns:      what their joins, syncs and heartbeats mean in a consumer group; until when they must join and sync.
// Does not:  assign (ConsumerGroupCoordinator), turn a group of one protocol into one of the other (GroupMigration).
// In:        requests of the classic protocol for groups of the other one.
// Out:       answers, at once: nobody waits for others; a member with something to come is told to join again.
//
// To a classic member its member epoch is the generation. It never leads, since the coordinator assigns.

import { randomUUID } from 'node:crypto'
import { illegalGeneration, inconsistentProtocol, rebalanceInProgress, unknownMember } from '../group/group-errors.ts'
import {
  type GenerationMember,
  type JoinGroupRequest,
  type JoinGroupResponse,
  MemberIdRequiredError,
  type SyncGroupRequest,
  type SyncGroupResponse,
} from '../group/group-requests.ts'
import { type ClassicMember, classicAssignment, readClassicSubscription } from './classic-member.ts'
import type { ConsumerGroup } from './consumer-group.ts'
import type { ConsumerGroupCoordinator } from './consumer-group-coordinator.ts'
import type { ConsumerGroupMember } from './consumer-group-member.ts'
import type { TopicCatalog } from './topic-catalog.ts'

const protocolType = 'consumer'

/** @see org.apache.kafka.coordinator.group.GroupMetadataManager (classicGroup…ToConsumerGroup) */
export class ClassicMembers {
  readonly #consumers: ConsumerGroupCoordinator
  readonly #topics: TopicCatalog

  constructor(consumers: ConsumerGroupCoordinator, topics: TopicCatalog) {
    this.#consumers = consumers
    this.#topics = topics
  }

  /** @throws INCONSISTENT_GROUP_PROTOCOL, MEMBER_ID_REQUIRED, UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, GROUP_MAX_SIZE_REACHED */
  join(group: ConsumerGroup, request: JoinGroupRequest): JoinGroupResponse {
    const { groupId, groupInstanceId, requiresKnownMemberId } = request
    this.#consumers.assertRoom(group, request.memberId)
    const subscription = this.#requireSubscription(group, request)
    if (request.memberId === '' && groupInstanceId === null && requiresKnownMemberId) {
      throw new MemberIdRequiredError(groupId, `${request.clientId}-${randomUUID()}`)
    }
    const memberId =
      request.memberId === '' ? `${groupInstanceId ?? request.clientId}-${randomUUID()}` : request.memberId
    const before = this.#before(group, request, memberId)
    const { rebalanceTimeoutMs, sessionTimeoutMs } = request
    const classic: ClassicMember = {
      sessionTimeoutMs,
      protocols: request.protocols.map(({ name, metadata }) => ({ name, metadata: Uint8Array.from(metadata) })),
    }
    const member = this.#consumers.advance(group, memberId, {
      before,
      subscription: {
        instanceId: groupInstanceId,
        rackId: before?.rackId ?? null,
        clientId: request.clientId,
        clientHost: request.clientHost,
        topicNames: subscription.topicNames,
        topicRegex: null,
        rebalanceTimeoutMs: rebalanceTimeoutMs < 0 ? sessionTimeoutMs : rebalanceTimeoutMs,
        serverAssignor: null,
        classic,
      },
      ownedPartitions: subscription.ownedPartitions,
    })
    this.#consumers.expectSync(group, member)
    return {
      generationId: member.memberEpoch,
      protocolType,
      protocolName: protocolOf(classic),
      leader: '',
      memberId,
      skipAssignment: false,
      members: [],
    }
  }

  /** @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, INCONSISTENT_GROUP_PROTOCOL, REBALANCE_IN_PROGRESS */
  sync(group: ConsumerGroup, request: SyncGroupRequest): SyncGroupResponse {
    const [member, classic] = this.#require(group, request)
    const { groupId } = group
    const protocolName = protocolOf(classic)
    const isOfType = request.protocolType === null || request.protocolType === protocolType
    if (!isOfType || (request.protocolName !== null && request.protocolName !== protocolName)) {
      throw inconsistentProtocol(groupId, `'${protocolName}' of type '${protocolType}'`)
    }
    if (isBehind(group, member)) {
      this.#consumers.expectJoin(group, member)
      throw rebalanceInProgress(groupId)
    }
    this.#consumers.synced(group, member)
    return { protocolType, protocolName, assignment: classicAssignment(member.assigned, this.#topics) }
  }

  /** @throws UNKNOWN_MEMBER_ID, FENCED_INSTANCE_ID, ILLEGAL_GENERATION, REBALANCE_IN_PROGRESS (alive, but join again) */
  heartbeat(group: ConsumerGroup, request: GenerationMember): void {
    const [member] = this.#require(group, request)
    this.#consumers.renew(group, member.memberId)
    const { state } = member
    const hasRevoked = state === 'unrevoked-partitions'
    const canHaveMore = state === 'unreleased-partitions' && !group.waitsForOthers(member)
    if (member.memberEpoch >= group.assignmentEpoch && !hasRevoked && !canHaveMore) return
    this.#consumers.expectJoin(group, member)
    throw rebalanceInProgress(group.groupId)
  }

  /** A member may bring an id that it was given before the group changed over. */
  #before(group: ConsumerGroup, request: JoinGroupRequest, memberId: string): ConsumerGroupMember | undefined {
    const { groupInstanceId } = request
    if (groupInstanceId === null) return group.members.get(memberId)
    if (request.memberId === '') return this.#consumers.takeOver(group, groupInstanceId, memberId, true)
    return this.#consumers.requireKnown(group, memberId, groupInstanceId)
  }

  #requireSubscription(group: ConsumerGroup, { protocolType: type, protocols }: JoinGroupRequest) {
    const { groupId } = group
    const first = protocols[0]
    const subscription = first && readClassicSubscription(first.metadata, this.#topics)
    if (type !== protocolType || subscription === undefined || !group.supports(protocols)) {
      const names = [...group.classicProtocols()].join(', ')
      throw inconsistentProtocol(groupId, `the type '${protocolType}'${names === '' ? '' : ` with ${names}`}`)
    }
    return subscription
  }

  #require(group: ConsumerGroup, request: GenerationMember): [ConsumerGroupMember, ClassicMember] {
    const { memberId, groupInstanceId, generationId } = request
    const member = this.#consumers.requireKnown(group, memberId, groupInstanceId)
    if (member.classic === null) throw unknownMember(group.groupId, memberId)
    if (generationId !== member.memberEpoch) throw illegalGeneration(group.groupId, generationId, member.memberEpoch)
    return [member, member.classic]
  }
}

/** A member that is giving something up has joined already, and will again. */
function isBehind(group: ConsumerGroup, { memberEpoch, state }: ConsumerGroupMember): boolean {
  return group.assignmentEpoch > memberEpoch && state !== 'unrevoked-partitions'
}

function protocolOf({ protocols }: ClassicMember): string {
  return protocols[0]?.name ?? ''
}
