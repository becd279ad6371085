/** A fault that a coordinator, or the way to it, has reported. `code` is Kafka's error name, or the client's own. */
export interface GroupFault {
  readonly code: string
  /** Whether the same request may succeed later. */
  readonly isRetriable: boolean
}

/** What a standing asks of the membership it belongs to. */
export interface GroupStandingPort {
  /** An error of the coordinator as a fault; undefined: an error of another kind, which ends the membership. */
  faultOf(error: unknown): GroupFault | undefined
  /** Finds out where the coordinator is, anew. */
  locate(): Promise<void>
  /** Hears that the assignment does not hold any more. */
  onRebalance(): void
}

/**
 * Where a member of a group stands: its name, its generation, and what failed joins and heartbeats have made of it.
 * A heartbeat of an earlier generation changes nothing.
 * @see org.apache.kafka.clients.consumer.internals.AbstractCoordinator
 */
export class GroupStanding {
  readonly #port: GroupStandingPort
  /** Empty: no member yet, or not any more. */
  memberId = ''
  /** The last one it was in; -1: none. */
  generationId = -1
  #hasLeft = false
  #needsRejoin = true
  #isLost = false
  #failure: unknown

  constructor(port: GroupStandingPort) {
    this.#port = port
  }

  /** Whether the assignment of the last generation does not hold any more. @throws what ended the membership for good */
  get needsRejoin(): boolean {
    if (this.#failure !== undefined) throw this.#failure
    return this.#needsRejoin
  }

  /** Whether the group has gone on without this member: what it had may belong to others already. Until `forgetLoss`. */
  get isLost(): boolean {
    return this.#isLost
  }

  get hasLeft(): boolean {
    return this.#hasLeft
  }

  forgetLoss(): void {
    this.#isLost = false
  }

  /** Starts anew with the next join, whatever the assignment of now. */
  requestRejoin(): void {
    this.#needsRejoin = true
  }

  /** The member has its assignment in a generation. */
  entered(): void {
    this.#needsRejoin = false
  }

  /** The member is none any more, for good. Returns the name it had; empty: none. */
  left(): string {
    const { memberId } = this
    this.#hasLeft = true
    if (memberId !== '') this.#needsRejoin = true
    this.memberId = ''
    return memberId
  }

  /** Whether the same member, or a new one, may try at once after this fault. */
  mayJoinAgain({ code }: GroupFault): boolean {
    const isDropped = code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION'
    if (isDropped) this.memberId = ''
    return isDropped || code === 'REBALANCE_IN_PROGRESS'
  }

  /** As `mayJoinAgain`, for a join: a member that lost its name has lost what it had. */
  mayRepeatJoin(fault: GroupFault): boolean {
    const mayRepeat = this.mayJoinAgain(fault)
    if (mayRepeat) this.#isLost ||= this.memberId === ''
    return mayRepeat
  }

  /** What a failed heartbeat of the present generation means; resolves to whether the heartbeats go on. */
  async onHeartbeatFailure(error: unknown): Promise<boolean> {
    const { generationId } = this
    const isStale = (): boolean => generationId !== this.generationId || this.#hasLeft
    if (isStale()) return false
    const survives = await this.#survives(error)
    if (isStale()) return false
    if (!survives) this.#end()
    return survives
  }

  async #survives(error: unknown): Promise<boolean> {
    const fault = this.#port.faultOf(error)
    if (fault?.code === 'REBALANCE_IN_PROGRESS') {
      // The session goes on while the member finishes what it has.
      if (!this.#needsRejoin) this.#end()
      return true
    }
    if (fault !== undefined && this.mayJoinAgain(fault)) return this.#lose()
    if (fault === undefined || !fault.isRetriable) {
      this.#failure = error
      return false
    }
    // The coordinator may have moved.
    try {
      await this.#port.locate()
      return true
    } catch (failure) {
      // Not found for so long that the session has ended.
      if (this.#port.faultOf(failure)?.isRetriable) return this.#lose()
      return this.#survives(failure)
    }
  }

  #lose(): false {
    this.memberId = ''
    this.#isLost = true
    return false
  }

  #end(): void {
    this.#needsRejoin = true
    this.#port.onRebalance()
  }
}
