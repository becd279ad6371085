// GroupMembership: one member of a consumer group, by the classic protocol.
//
// Owns:      the member id and the generation, entering, heartbeats, leaving.
// Does not:  know what is assigned (GroupAssignor), call the runtime (GroupSession).
// In:        join / leave; answers of the coordinator.
// Out:       requests through GroupCoordinator; onRebalance when the assignment does not hold any more.
//
// Invariants
//   M1. A heartbeat of an earlier generation changes nothing.
//   M2. Who has left does not come back: a join that was under way is undone.

import { readAssignment, readSubscription, writeAssignment, writeSubscription } from '@millrace/kafka-protocol'
import { delay, type Time, type Timer } from '../../time.ts'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, TopicPartition } from '../consumer.ts'
import type { GroupAssignor, MemberAssignment } from './group-assignor.ts'
import type { GroupCoordinator, GroupTopics, JoinAnswer, SyncedAssignment } from './group-coordinator.ts'

/** ms between attempts after faults that may pass. */
const retryBackoffMs = 100

/** Times of a membership, ms. */
export interface GroupTimes {
  /** Without a heartbeat for so long the member is dropped. */
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  /** How long a rebalance waits for the member. */
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
  /** Hears that the assignment does not hold any more. */
  readonly onRebalance: () => void
}

/** @see org.apache.kafka.clients.consumer.internals.ConsumerCoordinator */
export class GroupMembership {
  readonly #coordinator: GroupCoordinator
  readonly #options: GroupMembershipOptions
  #memberId = ''
  #generationId = -1
  #isEntering = false
  #hasLeft = false
  #needsRejoin = true
  #isLost = false
  #failure: unknown
  #heartbeat: Timer | undefined

  constructor(coordinator: GroupCoordinator, options: GroupMembershipOptions) {
    this.#coordinator = coordinator
    this.#options = options
  }

  /** Whether the assignment of the last `join` does not hold any more. @throws what ended the membership for good */
  get needsRejoin(): boolean {
    if (this.#failure !== undefined) throw this.#failure
    return this.#needsRejoin
  }

  /** Whether the group has gone on without this member: what it had may belong to others already. */
  get isLost(): boolean {
    return this.#isLost
  }

  /** Generation -1 while it is no member. */
  get metadata(): GroupMetadata {
    const { groupId, groupInstanceId } = this.#options
    const memberId = this.#memberId
    return { groupId, generationId: memberId === '' ? -1 : this.#generationId, memberId, groupInstanceId }
  }

  /**
   * Enters the group, or the next generation of it; settles with what is assigned to this member.
   * `topics`: what it subscribes to; `owned`: what it has not given back.
   */
  async join(topics: readonly string[], owned: readonly TopicPartition[]): Promise<MemberAssignment> {
    this.#heartbeat?.cancel()
    this.#isEntering = true
    try {
      const assigned = await this.#joinRetrying(topics, owned)
      this.#needsRejoin = false
      this.#isLost = false
      if (!this.#hasLeft) this.#armHeartbeat()
      return assigned
    } finally {
      this.#isEntering = false
    }
  }

  /** Starts anew with the next `join`, whatever the assignment of now. */
  requestRejoin(): void {
    this.#needsRejoin = true
  }

  /** Asks the coordinator now whether the assignment holds, without waiting for the next heartbeat. */
  heartbeatNow(): void {
    if (this.#heartbeat === undefined || this.#isEntering || this.#hasLeft) return
    this.#heartbeat.cancel()
    void this.#beat()
  }

  /** Leaves the group for good, so that the others need not wait for the session to end, unless it does not say so. */
  async leave(saysGoodbye = true): Promise<void> {
    this.#heartbeat?.cancel()
    this.#hasLeft = true
    if (this.#memberId === '') return
    const member = this.metadata
    this.#memberId = ''
    this.#needsRejoin = true
    if (saysGoodbye) await this.#coordinator.leave(member, this.#isEntering)
  }

  async #joinRetrying(topics: readonly string[], owned: readonly TopicPartition[]): Promise<MemberAssignment> {
    const { time, retryTimeoutMs } = this.#options
    let deadline = time.now() + retryTimeoutMs
    for (;;) {
      try {
        this.#requireNotLeft()
        return await this.#joinOnce(topics, owned)
      } catch (error) {
        if (!(error instanceof ClientError)) throw error
        if (this.#mayJoinAgain(error)) {
          deadline = time.now() + retryTimeoutMs
          continue
        }
        if (!error.retriable || time.now() >= deadline) throw error
        await delay(time, retryBackoffMs)
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
      userData: assignor.userData(this.#generationId),
    })
    let joined = await this.#sendJoin(subscription)
    if (joined.kind === 'named') joined = await this.#sendJoin(subscription)
    if (joined.kind === 'named') {
      throw new ClientError('MEMBER_ID_REQUIRED', 'retriable', `Group '${groupId}' names its members again and again.`)
    }
    this.#generationId = joined.generationId
    const assignments = joined.isLeader ? await this.#assign(joined) : []
    const { protocolName } = joined
    const bytes = await this.#coordinator.sync(this.metadata, protocolName, assignments, rebalanceTimeoutMs)
    return readAssignment(bytes)
  }

  async #sendJoin(subscription: Uint8Array): Promise<JoinAnswer> {
    const { groupId, groupInstanceId, assignor, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const answer = await this.#coordinator.join({
      groupId,
      memberId: this.#memberId,
      groupInstanceId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      protocolName: assignor.name,
      subscription,
    })
    if (this.#hasLeft) {
      await this.#coordinator.leave({ groupId, generationId: -1, memberId: answer.memberId, groupInstanceId }, false)
      this.#requireNotLeft()
    }
    this.#memberId = answer.memberId
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
    return [...assigned].map(([memberId, { partitions, userData }]) => ({
      memberId,
      assignment: writeAssignment(partitions, userData),
    }))
  }

  /** A join that was under way when the member left must not bring it back: no one would speak for it. */
  #requireNotLeft(): void {
    if (!this.#hasLeft) return
    throw new ClientError('CLIENT_CLOSED', 'fatal', `The member has left group '${this.#options.groupId}'.`)
  }

  /** Errors after which the same member, or a new one, may try at once. */
  #mayJoinAgain({ code }: ClientError): boolean {
    if (code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION') this.#memberId = ''
    return code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION' || code === 'REBALANCE_IN_PROGRESS'
  }

  #armHeartbeat(): void {
    const { time, heartbeatIntervalMs } = this.#options
    this.#heartbeat = time.setTimer(heartbeatIntervalMs, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    this.#heartbeat = undefined
    const member = this.metadata
    const isStale = (): boolean => member.generationId !== this.#generationId || this.#memberId === ''
    try {
      await this.#coordinator.heartbeat(member)
    } catch (error) {
      if (isStale()) return
      if (!(await this.#survives(error))) {
        this.#needsRejoin = true
        this.#options.onRebalance()
        return
      }
    }
    if (!isStale()) this.#armHeartbeat()
  }

  /** Whether the session goes on after a heartbeat that failed. */
  async #survives(error: unknown): Promise<boolean> {
    if (!(error instanceof ClientError)) {
      this.#failure = error
      return false
    }
    if (error.code === 'REBALANCE_IN_PROGRESS') {
      // The session goes on while the member finishes what it has.
      if (!this.#needsRejoin) {
        this.#needsRejoin = true
        this.#options.onRebalance()
      }
      return true
    }
    if (this.#mayJoinAgain(error)) {
      this.#isLost = true
      return false
    }
    if (!error.retriable) {
      this.#failure = error
      return false
    }
    // The coordinator may have moved.
    try {
      await this.#coordinator.locate()
      return true
    } catch (failure) {
      return this.#survives(failure instanceof ClientError && failure.retriable ? unreachable(failure) : failure)
    }
  }
}

/** The coordinator was not found for so long that the session has ended. */
function unreachable(cause: ClientError): ClientError {
  return new ClientError('UNKNOWN_MEMBER_ID', 'fenced', cause.message, { cause })
}
