import { errorName, readAssignment } from '@millrace/kafka-protocol'
import {
  consumerGroupDescribeApi,
  deleteGroupsApi,
  describeGroupsApi,
  listGroupsApi,
  offsetCommitApi,
  offsetDeleteApi,
  offsetFetchApi,
} from '@millrace/kafka-protocol/messages'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Cluster } from './cluster.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** A group in the list of groups. */
export interface GroupListing {
  readonly groupId: string
  /** `consumer` for consumers, `''` for groups that only hold offsets. */
  readonly protocolType: string
  /** `Stable`, `Empty`, …; '' from a broker that does not tell. */
  readonly state: string
}

/** A group with its members. */
export interface GroupDescription extends GroupListing {
  /** The assignor. */
  readonly protocol: string
  readonly members: readonly GroupMember[]
}

/** A member of a group. */
export interface GroupMember {
  readonly memberId: string
  readonly groupInstanceId: string | null
  readonly clientId: string
  readonly clientHost: string
  /** Empty where the assignment is not that of a consumer. */
  readonly partitions: readonly TopicPartition[]
}

/** A committed offset. */
export interface CommittedOffset extends TopicPartition {
  /** The next record to read; -1 when nothing was committed. */
  readonly offset: number
  readonly metadata: string | null
}

/** Groups and their committed offsets. Every call throws `KafkaClientError` with the coordinator's error. */
export class GroupAdmin {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The groups of all brokers, by id. */
  async listGroups(): Promise<GroupListing[]> {
    await this.#cluster.refresh([])
    const answers = await Promise.all(
      this.#cluster.nodes.map(({ nodeId }) => this.#cluster.request(nodeId, listGroupsApi, {})),
    )
    const groups = answers.flatMap((answer) => {
      throwIfError(answer.errorCode, 'Listing groups')
      return answer.groups.map(({ groupId, protocolType, groupState }) => ({
        groupId,
        protocolType,
        state: groupState,
      }))
    })
    return groups.sort((a, b) => (a.groupId < b.groupId ? -1 : 1))
  }

  /** A group of either protocol. @throws GROUP_ID_NOT_FOUND */
  async describeGroup(groupId: string): Promise<GroupDescription> {
    const nodeId = await this.#cluster.coordinatorOf('group', groupId)
    const connection = await this.#cluster.connection(nodeId)
    if (connection.versionOf(consumerGroupDescribeApi) !== undefined) {
      const group = await this.#describeConsumerGroup(groupId, nodeId)
      if (group !== undefined) return group
    }
    return this.#describeClassicGroup(groupId, nodeId)
  }

  /** undefined for a group of the classic protocol. */
  async #describeConsumerGroup(groupId: string, nodeId: number): Promise<GroupDescription | undefined> {
    const request = { groupIds: [groupId], includeAuthorizedOperations: false }
    const answer = await this.#cluster.request(nodeId, consumerGroupDescribeApi, request)
    const group = answer.groups[0]
    if (group === undefined || errorName(group.errorCode) === 'GROUP_ID_NOT_FOUND') return undefined
    throwIfError(group.errorCode, `Group '${groupId}'`, group.errorMessage)
    return {
      groupId,
      protocolType: 'consumer',
      state: group.groupState,
      protocol: group.assignorName,
      members: group.members.map((member) => ({
        memberId: member.memberId,
        groupInstanceId: member.instanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        partitions: member.assignment.topicPartitions.flatMap(({ topicName, partitions }) =>
          partitions.map((partition) => ({ topic: topicName, partition })),
        ),
      })),
    }
  }

  async #describeClassicGroup(groupId: string, nodeId: number): Promise<GroupDescription> {
    const answer = await this.#cluster.request(nodeId, describeGroupsApi, { groups: [groupId] })
    const group = answer.groups[0]
    throwIfError(group?.errorCode ?? -1, `Group '${groupId}'`, group?.errorMessage)
    // Before version 6 of the API a group that does not exist is a dead one.
    if (group === undefined || group.groupState === 'Dead') {
      throw new KafkaClientError('GROUP_ID_NOT_FOUND', `There is no group '${groupId}'.`)
    }
    return {
      groupId,
      protocolType: group.protocolType,
      state: group.groupState,
      protocol: group.protocolData,
      members: group.members.map(({ memberAssignment, ...member }) => ({
        memberId: member.memberId,
        groupInstanceId: member.groupInstanceId,
        clientId: member.clientId,
        clientHost: member.clientHost,
        partitions: group.protocolType === 'consumer' ? readAssignment(memberAssignment).partitions : [],
      })),
    }
  }

  /** @throws NON_EMPTY_GROUP, GROUP_ID_NOT_FOUND */
  async deleteGroup(groupId: string): Promise<void> {
    const nodeId = await this.#cluster.coordinatorOf('group', groupId)
    const answer = await this.#cluster.request(nodeId, deleteGroupsApi, { groupsNames: [groupId] })
    for (const one of answer.results) throwIfError(one.errorCode, `Deleting group '${groupId}'`)
  }

  /** Everything the group has committed, or with `partitions` one entry for each of them. */
  async committedOffsets(groupId: string, partitions?: readonly TopicPartition[]): Promise<CommittedOffset[]> {
    return this.#cluster.retrying(async () => {
      const nodeId = await this.#cluster.coordinatorOf('group', groupId)
      const topics =
        partitions === undefined
          ? null
          : [...byTopic(partitions)].map(([name, own]) => ({
              name,
              partitionIndexes: own.map(({ partition }) => partition),
            }))
      const request = { groupId, topics, groups: [{ groupId, topics }], requireStable: true }
      const answer = await this.#cluster.request(nodeId, offsetFetchApi, request, { maxVersion: 9 })
      const group = answer.groups[0] ?? answer
      throwIfError(group.errorCode, `Offsets of group '${groupId}'`)
      return group.topics.flatMap(({ name, partitions: own }) =>
        own.map((one) => {
          throwIfError(one.errorCode, `Offset of group '${groupId}' in ${name}-${one.partitionIndex}`)
          return { topic: name, partition: one.partitionIndex, offset: one.committedOffset, metadata: one.metadata }
        }),
      )
    })
  }

  /** Sets offsets of a group without members. @throws UNKNOWN_MEMBER_ID when it has some */
  async setOffsets(groupId: string, offsets: readonly (TopicPartition & { readonly offset: number })[]): Promise<void> {
    const nodeId = await this.#cluster.coordinatorOf('group', groupId)
    const topics = [...byTopic(offsets)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition, offset }) => ({ partitionIndex: partition, committedOffset: offset })),
    }))
    const request = { groupId, generationIdOrMemberEpoch: -1, memberId: '', topics }
    const answer = await this.#cluster.request(nodeId, offsetCommitApi, request, { maxVersion: 9 })
    for (const { name, partitions } of answer.topics) {
      for (const one of partitions) {
        throwIfError(one.errorCode, `Setting the offset of group '${groupId}' in ${name}-${one.partitionIndex}`)
      }
    }
  }

  /** Forgets offsets of topics that no member reads. @throws GROUP_SUBSCRIBED_TO_TOPIC, GROUP_ID_NOT_FOUND */
  async deleteOffsets(groupId: string, partitions: readonly TopicPartition[]): Promise<void> {
    const nodeId = await this.#cluster.coordinatorOf('group', groupId)
    const topics = [...byTopic(partitions)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition }) => ({ partitionIndex: partition })),
    }))
    const answer = await this.#cluster.request(nodeId, offsetDeleteApi, { groupId, topics })
    throwIfError(answer.errorCode, `Deleting offsets of group '${groupId}'`)
    for (const { name, partitions: own } of answer.topics) {
      for (const one of own) {
        throwIfError(one.errorCode, `Deleting the offset of group '${groupId}' in ${name}-${one.partitionIndex}`)
      }
    }
  }
}
