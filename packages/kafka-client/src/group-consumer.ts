import { offsetCommitApi } from '@millrace/kafka-protocol/messages'
import { Admin } from './admin.ts'
import { KafkaClientError, throwIfError } from './client-error.ts'
import type { Cluster } from './cluster.ts'
import type { FetchPosition } from './fetch-request.ts'
import { type FetchedPartition, Fetcher, type FetcherOptions } from './fetcher.ts'
import { GroupAdmin } from './group-admin.ts'
import { GroupMembership, type GroupMembershipOptions } from './group-membership.ts'
import { byTopic, type TopicPartition } from './topic-partition.ts'

/** Options of a consumer in a group. */
export interface GroupConsumerOptions extends GroupMembershipOptions, FetcherOptions {
  /** Where a partition without committed offset begins. Default `latest`. */
  readonly offsetReset?: 'earliest' | 'latest'
}

/** Reads topics as a member of a group: each record goes to one member. */
export class GroupConsumer {
  readonly #cluster: Cluster
  readonly #options: GroupConsumerOptions
  readonly #membership: GroupMembership
  readonly #fetcher: Fetcher
  #positions: readonly FetchPosition[] = []

  constructor(cluster: Cluster, options: GroupConsumerOptions) {
    this.#cluster = cluster
    this.#options = options
    this.#membership = new GroupMembership(cluster, options)
    this.#fetcher = new Fetcher(cluster, options)
  }

  /**
   * The next records of the partitions that are assigned; empty after `maxWaitMs` without any. Before the group
   * rebalances, the positions reached are committed: what was returned before the call counts as processed.
   */
  async poll(): Promise<FetchedPartition[]> {
    if (this.#membership.needsRejoin) await this.#rejoin()
    if (this.#positions.length === 0) {
      await this.#membership.idle(this.#options.maxWaitMs ?? 500)
      return []
    }
    const fetched = await this.#fetcher.fetch(this.#positions)
    const next = new Map(fetched.map((one) => [`${one.topic}/${one.partition}`, one.nextOffset]))
    this.#positions = this.#positions.map((position) => ({
      ...position,
      offset: next.get(`${position.topic}/${position.partition}`) ?? position.offset,
    }))
    return fetched.filter(({ records }) => records.length > 0)
  }

  /** Commits the positions reached. @throws KafkaClientError REBALANCE_IN_PROGRESS, ILLEGAL_GENERATION, … */
  async commit(): Promise<void> {
    if (this.#positions.length === 0) return
    const { generationId, memberId, coordinator } = this.#membership
    const topics = [...byTopic(this.#positions)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition, offset }) => ({ partitionIndex: partition, committedOffset: offset })),
    }))
    const { groupId } = this.#options
    const request = { groupId, generationIdOrMemberEpoch: generationId, memberId, topics }
    const answer = await this.#cluster.request(coordinator, offsetCommitApi, request, { maxVersion: 9 })
    for (const { name, partitions } of answer.topics) {
      for (const { errorCode } of partitions) throwIfError(errorCode, `Committing offsets of ${name} for '${groupId}'`)
    }
  }

  /** Commits and leaves the group. */
  async close(): Promise<void> {
    await this.#commitIfStillMember()
    this.#positions = []
    await this.#membership.leave()
  }

  async #rejoin(): Promise<void> {
    await this.#commitIfStillMember()
    this.#positions = []
    const assigned = await this.#membership.join()
    this.#positions = assigned.length === 0 ? [] : await this.#startPositions(assigned)
  }

  async #commitIfStillMember(): Promise<void> {
    try {
      await this.commit()
    } catch (error) {
      // The records will be read again by whoever has the partitions now.
      if (!(error instanceof KafkaClientError)) throw error
    }
  }

  async #startPositions(assigned: readonly TopicPartition[]): Promise<FetchPosition[]> {
    const committed = await new GroupAdmin(this.#cluster).committedOffsets(this.#options.groupId, assigned)
    const without = committed.filter(({ offset }) => offset < 0)
    const spec = this.#options.offsetReset ?? 'latest'
    const reset = without.length === 0 ? [] : await new Admin(this.#cluster).listOffsets(without, spec)
    return [...committed.filter(({ offset }) => offset >= 0), ...reset].map(({ topic, partition, offset }) => ({
      topic,
      partition,
      offset,
    }))
  }
}
