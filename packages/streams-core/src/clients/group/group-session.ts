import { ClientError } from '../client-error.ts'
import type { GroupMetadata, RebalanceListener, TopicPartition } from '../consumer.ts'
import { partitionName } from '../partition-name.ts'
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
 * A consumer's part in its group, cooperative: what a member has it keeps, and goes on reading, during a rebalance. What the new
 * assignment takes away it gives back, and enters another generation, in which others get it. Entering the group goes on between
 * polls; the listener is only called inside `step`: `onRevoked` with what goes, then `onAssigned` with what comes, be it nothing.
 * @see KIP-429
 */
export class GroupSession {
  readonly #options: GroupSessionOptions
  readonly #holder: AssignmentHolder
  readonly #membership: GroupMembership
  #joining: Promise<void> | undefined
  #joined:
    | { readonly assignment: MemberAssignment; readonly generationId: number }
    | { readonly error: unknown }
    | undefined

  constructor(coordinator: GroupCoordinator, holder: AssignmentHolder, options: GroupSessionOptions) {
    this.#holder = holder
    this.#options = options
    this.#membership = new GroupMembership(coordinator, { ...options, onRebalance: options.onChange })
  }

  get metadata(): GroupMetadata {
    return this.#membership.metadata
  }

  /** Does what the group asks for now. @throws ClientError, and what the listener throws */
  async step(): Promise<void> {
    this.#membership.polled()
    await this.#giveUp()
    if (this.#joined !== undefined) await this.#take()
    if (this.#joining !== undefined || !this.#needsRejoin()) return
    await this.#giveUp()
    this.#joining = this.#join()
  }

  /** Whether a commit would meet the end of the generation. */
  get isBetweenGenerations(): boolean {
    return this.#membership.isBetweenGenerations
  }

  /** Asks the coordinator now whether the assignment holds. */
  heartbeatNow(): void {
    this.#membership.heartbeatNow()
  }

  /** Asks for another assignment. */
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

  /** Gives up what may belong to others already. */
  async #giveUp(): Promise<void> {
    if (!this.#membership.isLost) return
    this.#membership.forgetLoss()
    const gone = this.#holder.assigned()
    if (gone.length === 0) return
    try {
      await this.#options.listener.onLost(gone)
    } finally {
      this.#holder.assign([])
    }
  }

  async #join(): Promise<void> {
    try {
      const topics = await this.#options.topics.subscribed(this.#options.subscription)
      const assignment = await this.#membership.join(topics, this.#holder.assigned())
      this.#joined = { assignment, generationId: this.metadata.generationId }
    } catch (error) {
      this.#joined = { error }
    }
    this.#joining = undefined
    this.#options.onChange()
  }

  async #take(): Promise<void> {
    const joined = this.#joined!
    if ('error' in joined) {
      this.#joined = undefined
      throw this.#explained(joined.error)
    }
    const { assignment, generationId } = joined
    // The group has dropped this member since.
    if (generationId !== this.metadata.generationId) {
      this.#joined = undefined
      return
    }
    const { assignor, listener } = this.#options
    // When the listener cannot give something back, the rest is taken by the next step.
    await this.#giveBack(assignment.partitions)
    this.#joined = undefined
    const before = new Set(this.#holder.assigned().map(partitionName))
    const added = assignment.partitions.filter((one) => !before.has(partitionName(one)))
    this.#holder.assign(assignment.partitions)
    try {
      assignor.onAssignment(assignment, generationId)
      await listener.onAssigned(added)
    } catch (error) {
      this.#membership.requestRejoin()
      throw error
    }
  }

  /** What is not assigned any more; others wait for it. */
  async #giveBack(assigned: readonly TopicPartition[]): Promise<void> {
    const names = new Set(assigned.map(partitionName))
    const owned = this.#holder.assigned()
    const gone = owned.filter((one) => !names.has(partitionName(one)))
    if (gone.length === 0) return
    this.#membership.requestRejoin()
    try {
      await this.#options.listener.onRevoked(gone)
    } finally {
      this.#holder.assign(owned.filter((one) => names.has(partitionName(one))))
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
