import { readAssignment } from '@millrace/kafka-protocol'
import {
  heartbeatApi,
  joinGroupApi,
  leaveGroupApi,
  type ResponseOf,
  syncGroupApi,
} from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Cluster } from './cluster.ts'
import { type GroupProtocol, rangeProtocol } from './group-protocol.ts'
import { GroupStanding } from './group-standing.ts'
import { sleep, systemTime, type Time, type Timer } from './time.ts'
import type { TopicPartition } from './topic-partition.ts'

/** Options of a membership. */
export interface GroupMembershipOptions {
  readonly groupId: string
  readonly topics: readonly string[]
  /** Without a heartbeat for so long the member is dropped. Default 45 000. */
  readonly sessionTimeoutMs?: number
  /** How long the others wait for this member in a rebalance. Default 60 000. */
  readonly rebalanceTimeoutMs?: number
  /** Default 3000. */
  readonly heartbeatIntervalMs?: number
  /** How the members agree on who reads what. Default: Kafka's `range`. */
  readonly protocol?: GroupProtocol
  /** Hears that the assignment does not hold any more. */
  readonly onRebalance?: () => void
  readonly time?: Time
}

type JoinAnswer = ResponseOf<typeof joinGroupApi>

/**
 * One member of a consumer group, by the classic protocol, eager. Heartbeats go out by
 * themselves; `needsRejoin` says when the assignment has ended.
 */
export class GroupMembership {
  readonly #cluster: Cluster
  readonly #options: Required<GroupMembershipOptions>
  readonly #standing: GroupStanding
  #coordinator = -1
  #heartbeat: Timer | undefined

  constructor(cluster: Cluster, options: GroupMembershipOptions) {
    this.#cluster = cluster
    this.#options = {
      sessionTimeoutMs: 45_000,
      rebalanceTimeoutMs: 60_000,
      heartbeatIntervalMs: 3000,
      protocol: rangeProtocol(cluster, options.topics),
      onRebalance: () => undefined,
      time: systemTime,
      ...options,
    }
    this.#standing = new GroupStanding({
      faultOf: (error) => (error instanceof KafkaClientError ? error : undefined),
      locate: () => this.#locate(),
      onRebalance: this.#options.onRebalance,
    })
  }

  /** Whether the assignment of the last `join` does not hold any more. @throws what ended the membership for good */
  get needsRejoin(): boolean {
    return this.#standing.needsRejoin
  }

  /** Whether the group has gone on without this member: what it had may belong to others already. */
  get isLost(): boolean {
    return this.#standing.isLost
  }

  get generationId(): number {
    return this.#standing.generationId
  }

  get memberId(): string {
    return this.#standing.memberId
  }

  /** The broker that coordinates the group, after `join`. */
  get coordinator(): number {
    return this.#coordinator
  }

  /** Enters the group, or the next generation of it; settles with what is assigned to this member. */
  async join(): Promise<TopicPartition[]> {
    this.#heartbeat?.cancel()
    const assigned = await this.#cluster.retrying(async () => {
      for (;;) {
        try {
          return await this.#joinOnce()
        } catch (error) {
          if (!(error instanceof KafkaClientError)) throw error
          if (error.code !== 'MEMBER_ID_REQUIRED' && !this.#standing.mayRepeatJoin(error)) throw error
        }
      }
    })
    this.#standing.entered()
    this.#standing.forgetLoss()
    if (!this.#standing.hasLeft) this.#armHeartbeat()
    return assigned
  }

  async #locate(): Promise<void> {
    this.#coordinator = await this.#cluster.coordinatorOf('group', this.#options.groupId)
  }

  async #joinOnce(): Promise<TopicPartition[]> {
    const { groupId, topics } = this.#options
    await this.#locate()
    this.#requireNotLeft()
    const joined = await this.#sendJoin()
    if (this.#standing.hasLeft) await this.#sendLeave(joined.memberId, this.#cluster)
    this.#requireNotLeft()
    this.#standing.memberId = joined.memberId
    throwIfError(joined.errorCode, `Joining group '${groupId}'`)
    this.#standing.generationId = joined.generationId
    const isLeader = joined.leader === joined.memberId && !joined.skipAssignment
    const assignments = isLeader ? await this.#options.protocol.assign(joined.members) : []
    const answer = await this.#cluster.request(
      this.#coordinator,
      syncGroupApi,
      {
        groupId,
        generationId: joined.generationId,
        memberId: joined.memberId,
        protocolType: 'consumer',
        protocolName: joined.protocolName,
        assignments,
      },
      { waitMs: this.#options.rebalanceTimeoutMs },
    )
    throwIfError(answer.errorCode, `Joining group '${groupId}' (${topics.join(', ')})`)
    return [...readAssignment(answer.assignment).partitions]
  }

  /** A join that was under way when the member left must not bring it back: no one would speak for it. */
  #requireNotLeft(): void {
    if (this.#standing.hasLeft) throw new Error(`The member has left group '${this.#options.groupId}'.`)
  }

  #sendJoin(): Promise<JoinAnswer> {
    const { groupId, protocol, sessionTimeoutMs, rebalanceTimeoutMs } = this.#options
    const request = {
      groupId,
      sessionTimeoutMs,
      rebalanceTimeoutMs,
      memberId: this.#standing.memberId,
      protocolType: 'consumer',
      protocols: [{ name: protocol.name, metadata: protocol.subscription(this.#standing.generationId) }],
    }
    return this.#cluster.request(this.#coordinator, joinGroupApi, request, { waitMs: rebalanceTimeoutMs })
  }

  #armHeartbeat(): void {
    this.#heartbeat = this.#options.time.setTimer(this.#options.heartbeatIntervalMs, () => void this.#beat())
  }

  async #beat(): Promise<void> {
    const { groupId } = this.#options
    const { generationId, memberId } = this.#standing
    const hasGoneOn = (): boolean => generationId !== this.#standing.generationId || this.#standing.memberId === ''
    try {
      const answer = await this.#cluster.request(this.#coordinator, heartbeatApi, { groupId, generationId, memberId })
      throwIfError(answer.errorCode, `Heartbeat in group '${groupId}'`)
    } catch (error) {
      if (hasGoneOn() || !(await this.#standing.onHeartbeatFailure(error))) return
    }
    if (!hasGoneOn()) this.#armHeartbeat()
  }

  /** Passes the time of a member to which nothing is assigned. */
  idle(delayMs: number): Promise<void> {
    return sleep(this.#options.time, delayMs)
  }

  /** Starts anew with the next `join`, whatever the assignment of now. */
  requestRejoin(): void {
    this.#standing.requestRejoin()
  }

  /**
   * Leaves the group for good, so that the others need not wait for the session to end. `through`: other connections, for a member that
   * is just entering, whose own connection waits for the group.
   */
  async leave(through: Cluster = this.#cluster): Promise<void> {
    this.#heartbeat?.cancel()
    const memberId = this.#standing.left()
    if (memberId !== '') await this.#sendLeave(memberId, through)
  }

  async #sendLeave(memberId: string, through: Cluster): Promise<void> {
    const { groupId } = this.#options
    await through.request(this.#coordinator, leaveGroupApi, { groupId, memberId, members: [{ memberId }] })
  }
}
