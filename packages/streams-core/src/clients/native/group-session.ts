import { type Cluster, GroupMembership, KafkaClientError, type Time } from '@millrace/kafka-client'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, RebalanceListener, TopicPartition } from '../consumer.ts'
import { toClientError } from './native-error.ts'
import type { PartitionCounts } from './partition-counts.ts'
import { streamsProtocol, streamsProtocolName } from './streams-protocol.ts'

/** Times of a membership, ms. */
export interface GroupTimes {
  readonly sessionTimeoutMs: number
  readonly heartbeatIntervalMs: number
  readonly rebalanceTimeoutMs: number
}

export interface GroupSessionOptions extends GroupTimes {
  readonly groupId: string
  readonly subscription: readonly string[] | RegExp
  readonly listener: RebalanceListener
  readonly counts: PartitionCounts
  readonly time: Time
  /** Hears that `step` has something to do. */
  readonly onChange: () => void
}

/** The partitions that a consumer reads, as its session sets them. */
export interface AssignmentHolder {
  assigned(): readonly TopicPartition[]
  assign(partitions: readonly TopicPartition[]): void
}

/**
 * A consumer's part in its group, eager: before a rebalance everything is given back, after it what is assigned is taken anew.
 * Entering the group goes on between polls; the listener is only called inside `step`.
 */
export class GroupSession {
  readonly #cluster: Cluster
  readonly #options: GroupSessionOptions
  readonly #holder: AssignmentHolder
  readonly #membership: GroupMembership
  #topics: readonly string[] = []
  #previous: readonly TopicPartition[] = []
  #joining: Promise<void> | undefined
  #joined: { readonly partitions: readonly TopicPartition[] } | { readonly error: unknown } | undefined

  constructor(cluster: Cluster, holder: AssignmentHolder, options: GroupSessionOptions) {
    this.#cluster = cluster
    this.#holder = holder
    this.#options = options
    const { groupId, sessionTimeoutMs, heartbeatIntervalMs, rebalanceTimeoutMs, time, onChange } = options
    this.#membership = new GroupMembership(cluster, {
      groupId,
      topics: Array.isArray(options.subscription) ? options.subscription : [],
      sessionTimeoutMs,
      heartbeatIntervalMs,
      rebalanceTimeoutMs,
      time,
      protocol: streamsProtocol(cluster, { topics: () => this.#topics, previous: () => this.#previous }),
      onRebalance: onChange,
    })
  }

  get metadata(): GroupMetadata {
    const { generationId, memberId } = this.#membership
    const { groupId } = this.#options
    if (memberId === '') return { groupId, generationId: -1, memberId: '', groupInstanceId: undefined }
    return { groupId, generationId, memberId, groupInstanceId: undefined }
  }

  /** Does what the group asks for now. False while it waits for the group. @throws ClientError, and what the listener throws */
  async step(): Promise<boolean> {
    if (this.#joined !== undefined) await this.#take()
    if (this.#joining !== undefined) return false
    if (!this.#needsRejoin()) return true
    await this.#giveBack()
    this.#joining = this.#join()
    return false
  }

  /** Leaves the group, so that the others need not wait for the session to end; `other`: connections that are free now. */
  async leave(other: Cluster): Promise<void> {
    try {
      await this.#membership.leave(this.#joining === undefined ? this.#cluster : other)
    } catch (error) {
      // Whoever cannot say goodbye is missed after the session time-out.
      if (!(error instanceof KafkaClientError)) throw error
    }
  }

  #needsRejoin(): boolean {
    try {
      return this.#membership.needsRejoin
    } catch (error) {
      throw this.#explained(error)
    }
  }

  async #giveBack(): Promise<void> {
    const gone = this.#holder.assigned()
    if (gone.length === 0) return
    this.#previous = gone
    const { listener } = this.#options
    try {
      if (this.#membership.isLost) await listener.onLost(gone)
      else await listener.onRevoked(gone)
    } finally {
      this.#holder.assign([])
    }
  }

  async #join(): Promise<void> {
    try {
      this.#topics = await this.#subscribedTopics()
      this.#joined = { partitions: await this.#membership.join() }
    } catch (error) {
      this.#joined = { error }
    }
    this.#joining = undefined
    this.#options.onChange()
  }

  async #take(): Promise<void> {
    const joined = this.#joined!
    this.#joined = undefined
    if ('error' in joined) throw this.#explained(joined.error)
    this.#holder.assign(joined.partitions)
    try {
      await this.#options.listener.onAssigned(joined.partitions)
    } catch (error) {
      this.#membership.requestRejoin()
      throw error
    }
  }

  /** Also learns how wide all topics are, those included that the application only writes to. */
  async #subscribedTopics(): Promise<readonly string[]> {
    const { subscription, counts } = this.#options
    await this.#cluster.retrying(() => counts.refresh(this.#cluster, null))
    if (!(subscription instanceof RegExp)) return subscription
    return this.#cluster.knownTopics.flatMap(({ name, isInternal }) =>
      !isInternal && subscription.test(name) ? [name] : [],
    )
  }

  #explained(error: unknown): unknown {
    if (error instanceof KafkaClientError && error.code === 'INCONSISTENT_GROUP_PROTOCOL') {
      return new ClientError(
        error.code,
        'fatal',
        `Group '${this.#options.groupId}' has members that do not speak the protocol '${streamsProtocolName}', such as Java Kafka Streams or plain consumers. Stop them first, or choose another application.id.`,
        { cause: error },
      )
    }
    return toClientError(error)
  }
}
