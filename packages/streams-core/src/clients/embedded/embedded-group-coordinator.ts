import { type LogEngine, MemberIdRequiredError } from '@millrace/log-engine'
import type { GroupMetadata } from '../consumer.ts'
import type { GroupCoordinator, JoinAnswer, JoinRequest, SyncedAssignment } from '../group/group-coordinator.ts'
import { toClientError, translating } from './embedded-error.ts'
import { type Neighbour, neighboursOf } from './group-neighbours.ts'

const protocolType = 'consumer'

/** Where members in the engine's own process come from, in the group's description. */
const clientHost = 'in-process'

/**
 * The coordinator of one group, in the same process. A member that a former process has left behind is dropped at once: the
 * engine's directory has one process, so nobody speaks for it any more.
 */
export class EmbeddedGroupCoordinator implements GroupCoordinator {
  readonly #engine: LogEngine
  readonly #clientId: string
  readonly #neighbours: Set<Neighbour>
  readonly #self: Neighbour & { memberId: string }

  constructor(engine: LogEngine, groupId: string, clientId: string, heartbeatNow: () => void) {
    this.#engine = engine
    this.#clientId = clientId
    this.#neighbours = neighboursOf(engine, groupId)
    this.#self = { memberId: '', heartbeatNow }
    this.#neighbours.add(this.#self)
  }

  async locate(): Promise<void> {}

  async join(request: JoinRequest): Promise<JoinAnswer> {
    const { groupId, memberId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs } = request
    try {
      if (memberId === '') this.#dropForgotten(groupId)
      const joining = this.#engine.groups.join({
        groupId,
        memberId,
        groupInstanceId: groupInstanceId ?? null,
        clientId: this.#clientId,
        clientHost,
        sessionTimeoutMs,
        rebalanceTimeoutMs,
        protocolType,
        protocols: [{ name: request.protocolName, metadata: request.subscription }],
        requiresKnownMemberId: true,
        supportsSkippingAssignment: true,
      })
      this.#wakeNeighbours()
      const joined = await joining
      this.#self.memberId = joined.memberId
      return {
        kind: 'joined',
        memberId: joined.memberId,
        generationId: joined.generationId,
        protocolName: joined.protocolName,
        isLeader: joined.leader === joined.memberId && !joined.skipAssignment,
        members: joined.members.map((member) => ({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId ?? undefined,
          subscription: member.metadata,
        })),
      }
    } catch (error) {
      if (!(error instanceof MemberIdRequiredError)) throw toClientError(error)
      this.#self.memberId = error.memberId
      return { kind: 'named', memberId: error.memberId }
    }
  }

  async sync(
    member: GroupMetadata,
    protocolName: string,
    assignments: readonly SyncedAssignment[],
  ): Promise<Uint8Array> {
    try {
      const request = { ...engineMember(member), protocolType, protocolName, assignments }
      return (await this.#engine.groups.sync(request)).assignment
    } catch (error) {
      throw toClientError(error)
    }
  }

  async heartbeat(member: GroupMetadata): Promise<void> {
    translating(() => this.#engine.groups.heartbeat(engineMember(member)))
  }

  async leave(member: GroupMetadata): Promise<void> {
    const { groupId, memberId, groupInstanceId } = engineMember(member)
    this.#neighbours.delete(this.#self)
    translating(() => this.#engine.groups.leave({ groupId, members: [{ memberId, groupInstanceId }] }))
    this.#wakeNeighbours()
  }

  /** The member is not in this process any more, whether or not it leaves the group. */
  close(): void {
    this.#neighbours.delete(this.#self)
  }

  #dropForgotten(groupId: string): void {
    const alive = new Set(Array.from(this.#neighbours, ({ memberId }) => memberId))
    const forgotten = (this.#engine.groups.describe(groupId)?.members ?? []).filter(
      (member) => member.clientHost === clientHost && member.groupInstanceId === null && !alive.has(member.memberId),
    )
    if (forgotten.length === 0) return
    const members = forgotten.map(({ memberId, groupInstanceId }) => ({ memberId, groupInstanceId }))
    this.#engine.groups.leave({ groupId, members })
  }

  #wakeNeighbours(): void {
    for (const neighbour of this.#neighbours) if (neighbour !== this.#self) neighbour.heartbeatNow()
  }
}

/** A member as the engine's offsets name it. */
export function offsetOwner({ groupId, generationId, memberId, groupInstanceId }: GroupMetadata) {
  return { groupId, generationId, memberId, ...(groupInstanceId === undefined ? {} : { groupInstanceId }) }
}

/** A member as the engine's groups name it. */
function engineMember({ groupId, generationId, memberId, groupInstanceId }: GroupMetadata) {
  return { groupId, generationId, memberId, groupInstanceId: groupInstanceId ?? null }
}
