import { ClientError } from '../client-error.ts'
import type { GroupMetadata, RebalanceListener, TopicPartition } from '../consumer.ts'
import type { MemberAssignment } from './group-assignor.ts'
import type { GroupCoordinator } from './group-coordinator.ts'
import { GroupMembership, type GroupMembershipOptions } from './group-membership.ts'

/** What a session needs. */
export interface GroupSessionOptions extends Omit<GroupMembershipOptions, 'onRebalance'> {
  readonly subscription: readonly string[] | RegExp
  readonly listener: RebalanceListener
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
  readonly #options: GroupSessionOptions
  readonly #holder: AssignmentHolder
  readonly #membership: GroupMembership
  #joining: Promise<void> | undefined
  #joined: { readonly assignment: MemberAssignment } | { readonly error: unknown } | undefined

  constructor(coordinator: GroupCoordinator, holder: AssignmentHolder, options: GroupSessionOptions) {
    this.#holder = holder
    this.#options = options
    this.#membership = new GroupMembership(coordinator, { ...options, onRebalance: options.onChange })
  }

  get metadata(): GroupMetadata {
    return this.#membership.metadata
  }

  /** Does what the group asks for now. False while it waits for the group. @throws ClientError, and what the listener throws */
  async step(): Promise<boolean> {
    this.#membership.polled()
    if (this.#joined !== undefined) await this.#take()
    if (this.#joining !== undefined) return false
    if (!this.#needsRejoin()) return true
    await this.#giveBack()
    this.#joining = this.#join()
    return false
  }

  /** Asks the coordinator now whether the assignment holds. */
  heartbeatNow(): void {
    this.#membership.heartbeatNow()
  }

  /** Asks for another assignment: the next `step` gives back what there is. */
  requestRejoin(): void {
    this.#membership.requestRejoin()
    this.#options.onChange()
  }

  /**
   * Leaves the group, so that the others need not wait for the session to end. With `saysGoodbye` false only the heartbeats end: a
   * static member that comes back in time finds what it had.
   */
  async leave(saysGoodbye = true): Promise<void> {
    try {
      await this.#membership.leave(saysGoodbye)
    } catch (error) {
      // Whoever cannot say goodbye is missed after the session time-out.
      if (!(error instanceof ClientError)) throw error
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
      const topics = await this.#options.topics.subscribed(this.#options.subscription)
      this.#joined = { assignment: await this.#membership.join(topics, this.#holder.assigned()) }
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
    const { assignment } = joined
    const { assignor, listener } = this.#options
    this.#holder.assign(assignment.partitions)
    try {
      assignor.onAssignment(assignment, this.metadata.generationId)
      await listener.onAssigned(assignment.partitions)
    } catch (error) {
      this.#membership.requestRejoin()
      throw error
    }
  }

  #explained(error: unknown): unknown {
    if (!(error instanceof ClientError && error.code === 'INCONSISTENT_GROUP_PROTOCOL')) return error
    const { groupId, assignor } = this.#options
    return new ClientError(
      error.code,
      'fatal',
      `Group '${groupId}' has members that do not speak the protocol '${assignor.name}', such as Java Kafka Streams or plain consumers. Stop them first, or choose another application.id.`,
      { cause: error },
    )
  }
}
