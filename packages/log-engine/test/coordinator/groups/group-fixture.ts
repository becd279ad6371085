import { expect } from 'vitest'
import {
  type FileSystem,
  type GroupConfig,
  type HeartbeatRequest,
  type JoinGroupRequest,
  type JoinGroupResponse,
  LogEngine,
  MemberIdRequiredError,
  memoryFileSystem,
  type SyncGroupResponse,
} from '../../../src/index.ts'
import { ManualTime } from '../../manual-time.ts'

export const text = (bytes: Uint8Array): string => Buffer.from(bytes).toString()

export const code = (name: string) => expect.objectContaining({ name: expect.any(String), code: name })

/** The subscription of a consumer, as its protocol metadata. */
export function subscriptionTo(...topics: string[]): Uint8Array {
  const parts: Buffer[] = [Buffer.from([0, 1, 0, 0, 0, topics.length])]
  for (const topic of topics) parts.push(Buffer.from([0, topic.length]), Buffer.from(topic))
  return Uint8Array.from(Buffer.concat([...parts, Buffer.alloc(4, 0xff)]))
}

/** An engine on a manual clock, which can be closed and opened again on the same files. */
export class GroupFixture {
  readonly fileSystem: FileSystem
  readonly time = new ManualTime()
  readonly warnings: string[] = []
  #config: Partial<GroupConfig>
  engine!: LogEngine

  private constructor(config: Partial<GroupConfig>, fileSystem: FileSystem) {
    this.fileSystem = fileSystem
    this.#config = config
  }

  static async open(config: Partial<GroupConfig> = {}, fileSystem = memoryFileSystem()): Promise<GroupFixture> {
    const fixture = new GroupFixture(config, fileSystem)
    await fixture.#open()
    return fixture
  }

  async restart(config: Partial<GroupConfig> = this.#config): Promise<void> {
    await this.engine.close()
    this.#config = config
    await this.#open()
  }

  member(name: string, options: Partial<JoinGroupRequest> = {}): TestMember {
    return new TestMember(this, name, options)
  }

  /** Makes a Stable group of these members, with as many rebalances as it takes; the first leads. */
  async stable(...members: TestMember[]): Promise<void> {
    const joins = members.map((member) => member.join())
    await settle()
    // Those that were let in before the last had come must come again.
    const again = members.map((member) => (member.isWaiting ? undefined : member.join()))
    await Promise.all([...joins, ...again])
    const leader = members.find(({ isLeader }) => isLeader)!
    await Promise.all([...members.filter((member) => member !== leader).map((member) => member.sync()), leader.sync()])
  }

  async #open(): Promise<void> {
    this.engine = await LogEngine.open({
      dir: '/data',
      fileSystem: this.fileSystem,
      time: this.time,
      groups: this.#config,
      onWarning: (message) => this.warnings.push(message),
    })
  }
}

/** A client in a group: remembers what it was told. */
export class TestMember {
  readonly name: string
  memberId = ''
  generationId = -1
  leader = ''
  joined: JoinGroupResponse | undefined
  isWaiting = false
  request: JoinGroupRequest
  readonly #fixture: GroupFixture

  constructor(fixture: GroupFixture, name: string, options: Partial<JoinGroupRequest>) {
    this.#fixture = fixture
    this.name = name
    this.request = {
      groupId: 'g',
      memberId: '',
      groupInstanceId: null,
      clientId: name,
      clientHost: '/127.0.0.1',
      sessionTimeoutMs: 10_000,
      rebalanceTimeoutMs: 60_000,
      protocolType: 'consumer',
      protocols: [{ name: 'range', metadata: subscriptionTo('t') }],
      requiresKnownMemberId: true,
      supportsSkippingAssignment: true,
      ...options,
    }
  }

  get isLeader(): boolean {
    return this.memberId !== '' && this.leader === this.memberId
  }

  /** Joins with the id it has; when it is given one first, joins again with that. */
  async join(changes: Partial<JoinGroupRequest> = {}): Promise<JoinGroupResponse> {
    this.request = { ...this.request, ...changes }
    this.isWaiting = true
    try {
      const { groups } = this.#fixture.engine
      const joined = await groups.join({ ...this.request, memberId: this.memberId }).catch((error) => {
        if (!(error instanceof MemberIdRequiredError)) throw error
        this.memberId = error.memberId
        return groups.join({ ...this.request, memberId: this.memberId })
      })
      this.joined = joined
      this.memberId = joined.memberId
      this.generationId = joined.generationId
      this.leader = joined.leader
      return joined
    } finally {
      this.isWaiting = false
    }
  }

  /** The leader assigns to each member the text `<generation>:<member id>`, or what is given by client name. */
  async sync(assignmentFor?: (memberId: string) => string): Promise<string> {
    const assign = assignmentFor ?? ((memberId: string) => `${this.generationId}:${memberId}`)
    const assignments = (this.joined?.members ?? []).map(({ memberId }) => ({
      memberId,
      assignment: Buffer.from(assign(memberId)),
    }))
    const { groups } = this.#fixture.engine
    const response: SyncGroupResponse = await groups.sync({
      ...this.identity,
      protocolType: this.request.protocolType,
      protocolName: this.joined?.protocolName ?? null,
      assignments,
    })
    return text(response.assignment)
  }

  heartbeat(changes: Partial<HeartbeatRequest> = {}): void {
    this.#fixture.engine.groups.heartbeat({ ...this.identity, ...changes })
  }

  /** NONE or the error. */
  leave(): string {
    const { groupId, memberId, groupInstanceId } = this.identity
    return this.#fixture.engine.groups.leave({ groupId, members: [{ memberId, groupInstanceId }] })[0]!.error
  }

  commit(offset: number, changes: Partial<HeartbeatRequest> = {}): Promise<void> {
    const { groupInstanceId, ...identity } = { ...this.identity, ...changes }
    const instance = groupInstanceId === null ? {} : { groupInstanceId }
    return this.#fixture.engine.commitOffsets({ ...identity, ...instance }, [{ topic: 't', partition: 0, offset }])
  }

  get identity(): HeartbeatRequest {
    const { groupId, groupInstanceId } = this.request
    return { groupId, memberId: this.memberId, generationId: this.generationId, groupInstanceId }
  }
}

/** Lets everything that can be answered now be answered. */
export async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}

/** `pending`, `done`, or the error's code, by now. */
export async function stateOf(promise: Promise<unknown>): Promise<string> {
  let state = 'pending'
  promise.then(
    () => {
      state = 'done'
    },
    (error) => {
      state = error.code ?? String(error)
    },
  )
  await settle()
  return state
}
