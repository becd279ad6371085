// GroupMembership: one member of a consumer group, by the classic protocol.
//
// Owns:      entering and leaving.
// Does not:  know what is assigned (GroupAssignor), call the runtime (GroupSession), beat (Heartbeats), decide what failures mean
//            (GroupStanding, which the command line's consumer has too).
// In:        join / leave; answers of the coordinator.
// Out:       requests through GroupCoordinator; onRebalance when the assignment does not hold any more.
//
// Invariants
//   M1. A heartbeat of an earlier generation changes nothing.
//   M2. Who has left does not come back: a join that was under way is undone.

import { type GroupFault, GroupStanding } from '@millrace/kafka-client/group'
import { readAssignment, readSubscription, writeAssignment, writeSubscription } from '@millrace/kafka-protocol'
import { delay, type Time } from '../../time.ts'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, TopicPartition } from '../consumer.ts'
import { partitionName } from '../partition-name.ts'
import type { GroupAssignor, MemberAssignment } from './group-assignor.ts'
import type { GroupCoordinator, GroupTopics, JoinAnswer, SyncedAssignment } from './group-coordinator.ts'
import { EventLoopHeartbeats, type HeartbeatListener, type Heartbeats } from './heartbeats.ts'

/** ms between attempts after faults that may pass. */
const retryBackoffMs = 100
/** ms of a rebalance after which commits go on. */
const longCommitPauseMs = 2000

/** Times of a membership, ms. */
export interface GroupTimes {
  /** Without a heartbeat for so long the member is dropped. */
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** How long a rebalance waits for the member, and how long the member may go without a poll (`max.poll.interval.ms`). */
  readonly rebalanceTimeoutMs: number
  /** How long a join is repeated after faults that may pass. */
  readonly retryTimeoutMs: number
}

/** What a membership needs. */
export interface GroupMembershipOptions extends GroupTimes {
  readonly groupId: string
  /** Undefined: a dynamic member. */
  readonly groupInstanceId: string | undefined
  readonly assignor: GroupAssignor
  readonly topics: GroupTopics
  readonly time: Pick<Time, 'now' | 'setTimer'>
  /** Default: on the event loop, through the coordinator. */
  readonly heartbeats?: Heartbeats
  /** Hears that the assignment does not hold any more. */
  readonly onRebalance: () => void
}

/** @see org.apache.kafka.clients.consumer.internals.ConsumerCoordinator */
export class GroupMembership {
  readonly #coordinator: GroupCoordinator
  readonly #options: GroupMembershipOptions
  readonly #heartbeats: Heartbeats
  readonly #standing: GroupStanding
  readonly #beatListener: HeartbeatListener
  #isEntering = false
  #isSyncing = false
  #enteringSinceMs = 0

  constructor(coordinator: GroupCoordinator, options: GroupMembershipOptions) {
    this.#coordinator = coordinator
    this.#options = options
    const { heartbeatIntervalMs: intervalMs, rebalanceTimeoutMs: maxPollIntervalMs, time } = options
    this.#heartbeats =
      options.heartbeats ?? new EventLoopHeartbeats(coordinator, { intervalMs, maxPollIntervalMs }, time)
    this.#standing = new GroupStanding({
      faultOf,
      // It may be about to move.
      locate: () => delay(options.time, retryBackoffMs).then(() => coordinator.locate()),
      onRebalance: options.onRebalance,
    })
    this.#beatListener = { onFailure: (error) => this.#standing.onHeartbeatFailure(error) }
  }

  /** Whether the assignment of the last `join` does not hold any more. @throws what ended the membership for good */
  get needsRejoin(): boolean {
    return this.#standing.needsRejoin
  }

  /** Whether the group has gone on without this member: what it had may belong to others already. Until `forgetLoss`. */
  get isLost(): boolean {
    return this.#standing.isLost
  }

  forgetLoss(): void {
    this.#standing.forgetLoss()
  }

  /**
   * Whether a commit would meet the end of the generation. The coordinator takes commits of the last generation while it waits for
   * others, so that a rebalance which takes long does not keep them away.
   */
  get isBetweenGenerations(): boolean {
    if (!this.#isEntering) return false
    return this.#isSyncing || this.#options.time.now() - this.#enteringSinceMs < longCommitPauseMs
  }

  /** Generation -1 while it is no member. */
  get metadata(): GroupMetadata {
    const { groupId, groupInstanceId } = this.#options
    const { memberId, generationId } = this.#standing
    return { groupId, generationId: memberId === '' ? -1 : generationId, memberId, groupInstanceId }
  }

  /**
   * Enters the group, or the next generation of it; settles with what is assigned to this member.
   * `topics`: what it subscribes to; `owned`: what it has not given back.
   */
  async join(topics: readonly string[], owned: readonly TopicPartition[]): Promise<MemberAssignment> {
    this.#heartbeats.stop()
    this.#isEntering = true
    this.#enteringSinceMs = this.#options.time.now()
    try {
      const assigned = await this.#joinRetrying(topics, owned)
      this.#standing.entered()
      return assigned
    } catch (error) {
      this.#heartbeats.stop()
      throw error
    } finally {
      this.#isEntering = false
    }
  }

  /** The consumer is polled: its member may go on. */
  polled(): void {
    this.#heartbeats.polled()
  }

  /** Starts anew with the next `join`, whatever the assignment of now. */
  requestRejoin(): void {
    this.#standing.requestRejoin()
  }

  /** Asks the coordinator now whether the assignment holds, without waiting for the next heartbeat. */
  heartbeatNow(): void {
    if (!this.#isEntering) this.#heartbeats.hasten()
  }

  /** Leaves the group for good, so that the others need not wait for the session to end, unless it does not say so. */
  async leave(saysGoodbye = true): Promise<void> {
    this.#heartbeats.stop()
    const member = this.metadata
    if (this.#standing.left() !== '' && saysGoodbye) await this.#coordinator.leave(member, this.#isEntering)
  }

  async #joinRetrying(topics: readonly string[], owned: readonly TopicPartition[]): Promise<MemberAssignment> {
    const { time, retryTimeoutMs } = this.#options
    let deadline = time.now() + retryTimeoutMs
    for (;;) {
      try {
        this.#requireNotLeft()
        return await this.#joinOnce(topics, this.#standing.isLost ? [] : owned)
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        if (this.#standing.mayRepeatJoin(faultOf(error))) {
          deadline = time.now() + retryTimeoutMs
          continue
        }
        if (!error.retriable || time.now() >= deadline) throw error
        await delay(time, retryBackoffMs)
      } finally {
        this.#isSyncing = false
      }
    }
  }

  async #joinOnce(topics: readonly string[], owned: readonly TopicPartition[]): Promise<MemberAssignment> {
    await this.#coordinator.locate()
    this.#requireNotLeft()
    const { assignor, groupId, rebalanceTimeoutMs } = this.#options
    const subscription = writeSubscription({
      topics,
      ownedPartitions: owned,
      userData: assignor.userData(this.#standing.generationId),
    })
    let joined = await this.#sendJoin(subscription)
    if (joined.kind === 'named') joined = await this.#sendJoin(subscription)
    if (joined.kind === 'named') {
      throw new ClientError('MEMBER_ID_REQUIRED', 'retriable', `Group '${groupId}' names its members again and again.`)
    }
    this.#standing.generationId = joined.generationId
    this.#isSyncing = true
    // The session counts from here on, however long the leader takes.
    await this.#heartbeats.start(this.metadata, this.#beatListener)
    const assignments = joined.isLeader ? await this.#assign(joined) : []
    const { protocolName } = joined
    const bytes = await this.#coordinator.sync(this.metadata, protocolName, assignments, rebalanceTimeoutMs)
    return readAssignment(bytes)
  }

  async #sendJoin(subscription: Uint8Array): Promise<JoinAnswer> {
    const { groupId, groupInstanceId, assignor, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const answer = await this.#coordinator.join({
      groupId,
      memberId: this.#standing.memberId,
      groupInstanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolName: assignor.name,
      subscription,
    })
    if (this.#standing.hasLeft) {
      await this.#coordinator.leave({ groupId, generationId: -1, memberId: answer.memberId, groupInstanceId }, false)
      this.#requireNotLeft()
    }
    this.#standing.memberId = answer.memberId
    return answer
  }

  async #assign({ members }: Extract<JoinAnswer, { kind: 'joined' }>): Promise<readonly SyncedAssignment[]> {
    const { assignor, topics } = this.#options
    const subscribed = members.map(({ memberId, groupInstanceId, subscription }) => {
      const { topics: names, ownedPartitions, userData = null } = readSubscription(subscription)
      return { memberId, groupInstanceId, topics: names, ownedPartitions, userData }
    })
    await topics.refresh([...new Set(subscribed.flatMap((member) => member.topics))])
    const assigned = await assignor.assign(subscribed, (topic) => topics.partitionCount(topic))
    const owners = new Map(
      subscribed.flatMap(({ memberId, ownedPartitions }) =>
        ownedPartitions.map((one) => [partitionName(one), memberId]),
      ),
    )
    // What another one still has is given away in the next generation, when that one has given it back (KIP-429).
    const isFree = (memberId: string, one: TopicPartition): boolean =>
      (owners.get(partitionName(one)) ?? memberId) === memberId
    return [...assigned].map(([memberId, { partitions, userData }]) => ({
      memberId,
      assignment: writeAssignment(
        partitions.filter((one) => isFree(memberId, one)),
        userData,
      ),
    }))
  }

  /** A join that was under way when the member left must not bring it back: no one would speak for it. */
  #requireNotLeft(): void {
    if (!this.#standing.hasLeft) return
    throw new ClientError('CLIENT_CLOSED', 'fatal', `The member has left group '${this.#options.groupId}'.`)
  }
}

function faultOf(error: ClientError): GroupFault
function faultOf(error: unknown): GroupFault | undefined
function faultOf(error: unknown): GroupFault | undefined {
  return error instanceof ClientError ? { code: error.code, isRetriable: error.retriable } : undefined
}
