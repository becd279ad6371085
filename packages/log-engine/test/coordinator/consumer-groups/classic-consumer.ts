import { readAssignment, readSubscription, writeAssignment, writeSubscription } from '@millrace/kafka-protocol'
import {
  EngineError,
  type GenerationMember,
  type JoinGroupResponse,
  MemberIdRequiredError,
} from '../../../src/index.ts'
import type { ConsumerFixture, TestConsumer } from './consumer-fixture.ts'

/** What a classic consumer can be. */
export interface ClassicConsumerOptions {
  readonly groupInstanceId?: string
  /** Keeps what it has during a rebalance. */
  readonly isCooperative?: boolean
  readonly userData?: Uint8Array
  readonly sessionTimeoutMs?: number
  readonly protocolName?: string
}

/** A consumer of the group `g` that follows the classic protocol, subscribes to `t`, and assigns in turn when it leads. */
export class ClassicConsumer {
  readonly #fixture: ConsumerFixture
  readonly #options: ClassicConsumerOptions
  memberId = ''
  generationId = -1
  holds: readonly string[] = []
  isBusy = false

  constructor(fixture: ConsumerFixture, options: ClassicConsumerOptions = {}) {
    this.#fixture = fixture
    this.#options = options
  }

  get identity(): GenerationMember {
    const { memberId, generationId } = this
    return { groupId: 'g', memberId, generationId, groupInstanceId: this.#options.groupInstanceId ?? null }
  }

  /** Joins and syncs, again and again when it is told to. */
  async enter(): Promise<void> {
    this.isBusy = true
    try {
      for (;;) {
        try {
          const joined = await this.join()
          if (!this.#options.isCooperative) this.holds = []
          const before = this.holds
          await this.sync(joined)
          // What it has given up others get in the next generation.
          if (before.every((name) => this.holds.includes(name))) return
        } catch (error) {
          if (!(error instanceof EngineError)) throw error
          if (error instanceof MemberIdRequiredError) this.memberId = error.memberId
          else if (!this.#mayRepeat(error)) throw error
        }
      }
    } finally {
      this.isBusy = false
    }
  }

  async join(): Promise<JoinGroupResponse> {
    const {
      isCooperative = false,
      sessionTimeoutMs = 30_000,
      groupInstanceId = null,
      protocolName = 'range',
    } = this.#options
    if (!isCooperative) this.holds = []
    const ownedPartitions = this.holds.map((name) => ({ topic: 't', partition: Number(name.split('-')[1]) }))
    const joined = await this.#fixture.engine.groups.join({
      groupId: 'g',
      memberId: this.memberId,
      groupInstanceId,
      clientId: 'classic',
      clientHost: '/127.0.0.1',
      sessionTimeoutMs,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: protocolName, metadata: writeSubscription({ topics: ['t'], ownedPartitions }) }],
      requiresKnownMemberId: true,
      supportsSkippingAssignment: true,
    })
    this.memberId = joined.memberId
    this.generationId = joined.generationId
    return joined
  }

  async sync(joined: JoinGroupResponse): Promise<void> {
    const { protocolType, protocolName } = joined
    const leads = joined.leader === joined.memberId && !joined.skipAssignment
    const assignments = leads ? this.#assign(joined) : []
    const answer = await this.#fixture.engine.groups.sync({ ...this.identity, protocolType, protocolName, assignments })
    this.holds = readAssignment(answer.assignment).partitions.map(({ partition }) => `t-${partition}`)
  }

  /** A heartbeat, and what comes of it. */
  async step(): Promise<void> {
    if (this.isBusy) return
    try {
      this.#fixture.engine.groups.heartbeat(this.identity)
    } catch (error) {
      if (!(error instanceof EngineError && this.#mayRepeat(error))) throw error
      await this.enter()
    }
  }

  leave(): void {
    const { memberId, groupInstanceId } = this.identity
    this.#fixture.engine.groups.leave({ groupId: 'g', members: [{ memberId, groupInstanceId }] })
    this.memberId = ''
    this.holds = []
  }

  commit(offset: number, partition: number): Promise<void> {
    return this.#fixture.engine.commitOffsets(this.identity, [{ topic: 't', partition, offset }])
  }

  #mayRepeat({ code }: EngineError): boolean {
    const isGone = code === 'UNKNOWN_MEMBER_ID' || code === 'ILLEGAL_GENERATION'
    if (isGone) this.holds = []
    // A member of another generation is still a member.
    if (code === 'UNKNOWN_MEMBER_ID') this.memberId = ''
    return isGone || code === 'REBALANCE_IN_PROGRESS'
  }

  /** In turn; what another one still holds is given in the next generation. */
  #assign({ members }: JoinGroupResponse) {
    const { partitions } = this.#fixture.engine.describeTopic('t')!
    const owners = new Map(
      members.flatMap(({ memberId, metadata }) =>
        readSubscription(metadata).ownedPartitions.map(({ partition }) => [partition, memberId]),
      ),
    )
    return members.map(({ memberId }, i) => {
      const own = Array.from({ length: partitions }, (_, partition) => partition).filter(
        (partition) => partition % members.length === i && (owners.get(partition) ?? memberId) === memberId,
      )
      const named = own.map((partition) => ({ topic: 't', partition }))
      return { memberId, assignment: writeAssignment(named, this.#options.userData) }
    })
  }
}

/** Heartbeats of all, at once, until nothing has moved for a while; `check` after each round. */
export async function settle(
  classic: readonly ClassicConsumer[],
  consumers: readonly TestConsumer[],
  check: () => void = () => undefined,
): Promise<void> {
  let before = ''
  for (let quiet = 0, round = 0; quiet < 4; quiet++) {
    if (++round > 1000) throw new Error('The members do not come to rest.')
    const steps = classic.map((one) => one.step())
    for (const one of consumers) {
      one.heartbeat()
      check()
    }
    await new Promise((resolve) => setImmediate(resolve))
    for (const step of steps) step.catch(() => undefined)
    check()
    const now = JSON.stringify([...classic, ...consumers].map((one) => [one.holds, one.memberId]))
    if (now !== before || classic.some(({ isBusy }) => isBusy)) quiet = -1
    before = now
  }
}
