import { type Cluster, throwIfError } from '@millrace/kafka-client'
import { errorName } from '@millrace/kafka-protocol'
import { heartbeatApi, joinGroupApi, leaveGroupApi, syncGroupApi } from '@millrace/kafka-protocol/messages'
import type { GroupMetadata } from '../consumer.ts'
import type { GroupCoordinator, JoinAnswer, JoinRequest, SyncedAssignment } from '../group/group-coordinator.ts'
import { translating } from './native-error.ts'

const protocolType = 'consumer'

/**
 * The coordinator of one group, at a broker. Two clusters, because answers come in order: a join that waits for the group must not
 * hold up a goodbye.
 */
export class NativeGroupCoordinator implements GroupCoordinator {
  readonly #cluster: Cluster
  readonly #otherCluster: Cluster
  readonly #groupId: string
  #nodeId = -1

  constructor(cluster: Cluster, otherCluster: Cluster, groupId: string) {
    this.#cluster = cluster
    this.#otherCluster = otherCluster
    this.#groupId = groupId
  }

  async locate(): Promise<void> {
    this.#nodeId = await translating(() => this.#cluster.coordinatorOf('group', this.#groupId))
  }

  join(request: JoinRequest): Promise<JoinAnswer> {
    const { groupId, memberId, groupInstanceId, sessionTimeoutMs, rebalanceTimeoutMs } = request
    return translating(async () => {
      const joined = await this.#cluster.request(
        this.#nodeId,
        joinGroupApi,
        {
          groupId,
          memberId,
          groupInstanceId: groupInstanceId ?? null,
          sessionTimeoutMs,
          rebalanceTimeoutMs,
          protocolType,
          protocols: [{ name: request.protocolName, metadata: request.subscription }],
        },
        { waitMs: rebalanceTimeoutMs },
      )
      if (errorName(joined.errorCode) === 'MEMBER_ID_REQUIRED') return { kind: 'named', memberId: joined.memberId }
      throwIfError(joined.errorCode, `Joining group '${groupId}'`)
      return {
        kind: 'joined',
        memberId: joined.memberId,
        generationId: joined.generationId,
        protocolName: joined.protocolName ?? request.protocolName,
        isLeader: joined.leader === joined.memberId && !joined.skipAssignment,
        members: joined.members.map((member) => ({
          memberId: member.memberId,
          groupInstanceId: member.groupInstanceId ?? undefined,
          subscription: member.metadata,
        })),
      }
    })
  }

  sync(
    { groupId, generationId, memberId, groupInstanceId }: GroupMetadata,
    protocolName: string,
    assignments: readonly SyncedAssignment[],
    waitMs: number,
  ): Promise<Uint8Array> {
    return translating(async () => {
      const member = { groupId, generationId, memberId, groupInstanceId: groupInstanceId ?? null }
      const request = { ...member, protocolType, protocolName, assignments }
      const answer = await this.#cluster.request(this.#nodeId, syncGroupApi, request, { waitMs })
      throwIfError(answer.errorCode, `Joining group '${groupId}'`)
      return answer.assignment
    })
  }

  heartbeat({ groupId, generationId, memberId, groupInstanceId }: GroupMetadata): Promise<void> {
    return translating(async () => {
      const request = { groupId, generationId, memberId, groupInstanceId: groupInstanceId ?? null }
      const answer = await this.#cluster.request(this.#nodeId, heartbeatApi, request)
      throwIfError(answer.errorCode, `Heartbeat in group '${groupId}'`)
    })
  }

  async leave({ groupId, memberId, groupInstanceId }: GroupMetadata, isEntering: boolean): Promise<void> {
    const through = isEntering ? this.#otherCluster : this.#cluster
    const request = { groupId, memberId, members: [{ memberId, groupInstanceId: groupInstanceId ?? null }] }
    await translating(() => through.request(this.#nodeId, leaveGroupApi, request))
  }
}
