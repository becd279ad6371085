import { EngineError, type JoinGroupResponse, type LogEngine, MemberIdRequiredError } from '../../../src/index.ts'
import { subscriptionTo, text } from './group-fixture.ts'

/** What a client has been told that the schedule must check. */
export interface Observer {
  onJoined(client: SimulatedClient, response: JoinGroupResponse): void
  /** The text `<generation>:<member id>` that the leader has assigned. */
  onSynced(client: SimulatedClient, assignment: string): void
  onHeartbeat(client: SimulatedClient): void
  onCommitted(offset: number, generationId: number): void
  /** The group did not take the offset. */
  onRefused(offset: number): void
}

/** A consumer that does one thing at a time and believes what it is told, as Kafka's clients do. */
export class SimulatedClient {
  readonly name: string
  readonly groupId: string
  readonly groupInstanceId: string | null
  phase: 'out' | 'joining' | 'joined' | 'syncing' | 'synced' = 'out'
  memberId = ''
  generationId = -1
  isAlive = true
  version = 1
  #response: JoinGroupResponse | undefined
  /** Answers to what was asked in an earlier life are not heard. */
  #life = 0
  readonly #engine: () => LogEngine
  readonly #observer: Observer

  constructor(
    name: string,
    groupId: string,
    groupInstanceId: string | null,
    engine: () => LogEngine,
    observer: Observer,
  ) {
    this.name = name
    this.groupId = groupId
    this.groupInstanceId = groupInstanceId
    this.#engine = engine
    this.#observer = observer
  }

  /** Stops without a word. */
  crash(): void {
    this.#life++
    this.isAlive = false
    this.phase = 'out'
    this.#response = undefined
    this.memberId = ''
    this.generationId = -1
  }

  start(): void {
    this.isAlive = true
  }

  leave(): void {
    const { groupId, memberId, groupInstanceId } = this
    if (memberId !== '') this.#engine().groups.leave({ groupId, members: [{ memberId, groupInstanceId }] })
    this.crash()
  }

  async join(): Promise<void> {
    this.phase = 'joining'
    const life = ++this.#life
    try {
      const response = await this.#join()
      if (life !== this.#life) return
      this.memberId = response.memberId
      this.generationId = response.generationId
      this.#response = response
      this.phase = 'joined'
      this.#observer.onJoined(this, response)
    } catch (error) {
      this.#obey(error, life)
    }
  }

  async sync(): Promise<void> {
    this.phase = 'syncing'
    const life = ++this.#life
    const { protocolType, protocolName, members, skipAssignment } = this.#response!
    const leads = members.length > 0 && !skipAssignment
    const assignments = (leads ? members : []).map(({ memberId }) => ({
      memberId,
      assignment: Buffer.from(`${this.generationId}:${memberId}`),
    }))
    try {
      const { assignment } = await this.#engine().groups.sync({
        ...this.#identity(),
        protocolType,
        protocolName,
        assignments,
      })
      if (life !== this.#life) return
      this.phase = 'synced'
      this.#observer.onSynced(this, text(assignment))
    } catch (error) {
      this.#obey(error, life)
    }
  }

  heartbeat(): void {
    try {
      this.#engine().groups.heartbeat(this.#identity())
      this.#observer.onHeartbeat(this)
    } catch (error) {
      this.#obey(error, this.#life)
    }
  }

  async commit(offset: number, generationId = this.generationId): Promise<void> {
    const { groupId, memberId, groupInstanceId } = this
    const instance = groupInstanceId === null ? {} : { groupInstanceId }
    const life = this.#life
    try {
      const who = { groupId, memberId, generationId, ...instance }
      await this.#engine().commitOffsets(who, [{ topic: 't', partition: 0, offset }])
      this.#observer.onCommitted(offset, generationId)
    } catch (error) {
      if (error instanceof EngineError && error.code !== 'LOG_ENGINE_CLOSED') this.#observer.onRefused(offset)
      if (generationId === this.generationId) this.#obey(error, life)
    }
  }

  /** Takes up what comes next for a client that is well. */
  async goOn(): Promise<void> {
    if (this.phase === 'out') await this.join()
    else if (this.phase === 'joined') await this.sync()
    else if (this.phase === 'synced') this.heartbeat()
  }

  #join(): Promise<JoinGroupResponse> {
    const request = {
      groupId: this.groupId,
      memberId: this.memberId,
      groupInstanceId: this.groupInstanceId,
      clientId: this.name,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 20_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscriptionTo('t', `v${this.version}`) }],
      requiresKnownMemberId: true,
      supportsSkippingAssignment: true,
    }
    return this.#engine()
      .groups.join(request)
      .catch((error) => {
        if (!(error instanceof MemberIdRequiredError)) throw error
        return this.#engine().groups.join({ ...request, memberId: error.memberId })
      })
  }

  #obey(error: unknown, life: number): void {
    if (!(error instanceof EngineError)) throw error
    if (life !== this.#life) return
    switch (error.code) {
      case 'UNKNOWN_MEMBER_ID':
      case 'FENCED_INSTANCE_ID':
        this.memberId = ''
        break
      case 'ILLEGAL_GENERATION':
      case 'REBALANCE_IN_PROGRESS':
      case 'NOT_COORDINATOR':
      case 'LOG_ENGINE_CLOSED':
        break
      default:
        throw error
    }
    this.phase = 'out'
  }

  #identity() {
    const { groupId, memberId, generationId, groupInstanceId } = this
    return { groupId, memberId, generationId, groupInstanceId }
  }
}
