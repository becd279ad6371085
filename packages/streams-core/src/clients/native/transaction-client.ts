// TransactionClient: what a transactional producer says to the coordinators, by the cluster's finalized `transaction.version`.
//
//   0, 1   partitions and groups are added before they are written to; a new epoch comes from InitProducerId only.
//   2      partitions and groups join by being written to; each end of a transaction brings the next epoch (KIP-890).

import {
  byTopic,
  type Cluster,
  type CoordinatorType,
  KafkaClientError,
  type Time,
  throwIfError,
} from '@millrace/kafka-client'
import {
  addOffsetsToTxnApi,
  addPartitionsToTxnApi,
  endTxnApi,
  initProducerIdApi,
  txnOffsetCommitApi,
} from '@millrace/kafka-protocol/messages'
import { ClientError } from '../client-error.ts'
import type { GroupMetadata, OffsetAndMetadata, TopicPartition } from '../consumer.ts'
import { offsetTopics } from './group-offsets.ts'
import { mayHaveHappened, translating } from './native-error.ts'
import { retrying } from './retry.ts'

/** Who a producer is to the brokers. */
export interface ProducerIdentity {
  readonly producerId: bigint
  readonly producerEpoch: number
}

export interface TransactionClientOptions {
  /** Undefined: only a producer id for idempotent sends can be had. */
  readonly transactionalId: string | undefined
  readonly transactionTimeoutMs: number
  /** How long a call is repeated after errors that may pass. */
  readonly deadlineMs: number
  readonly time: Time
}

export class TransactionClient {
  readonly #cluster: Cluster
  readonly #options: TransactionClientOptions
  readonly #coordinators = new Map<string, number>()
  #joinsByWriting = false

  constructor(cluster: Cluster, options: TransactionClientOptions) {
    this.#cluster = cluster
    this.#options = options
  }

  /** Whether partitions and groups join the transaction by being written to (transaction version 2), as of the last `identify`. */
  get joinsByWriting(): boolean {
    return this.#joinsByWriting
  }

  /** A producer id; with a transactional id its next epoch, after what older producers left open has ended. @throws ClientError */
  async identify(): Promise<ProducerIdentity> {
    const { transactionalId, transactionTimeoutMs } = this.#options
    if (transactionalId === undefined) {
      return this.#retrying(async () => {
        const answer = await this.#cluster.requestAny(initProducerIdApi, {
          transactionalId: null,
          transactionTimeoutMs: 0,
        })
        throwIfError(answer.errorCode, 'A producer id')
        return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
      })
    }
    return this.#askCoordinator('transaction', transactionalId, async (coordinator) => {
      const request = { transactionalId, transactionTimeoutMs }
      const answer = await this.#cluster.request(coordinator, initProducerIdApi, request)
      throwIfError(answer.errorCode, `Beginning with transactional id '${transactionalId}'`)
      const connection = await this.#cluster.connection(coordinator)
      this.#joinsByWriting =
        connection.finalizedFeature('transaction.version') >= 2 && connection.versionOf(endTxnApi) === 5
      return { producerId: answer.producerId, producerEpoch: answer.producerEpoch }
    })
  }

  /** Before the first batch of a transaction goes to them. @throws ClientError */
  async addPartitions(identity: ProducerIdentity, partitions: readonly TopicPartition[]): Promise<void> {
    const transactionalId = this.#transactionalId
    const topics = [...byTopic(partitions)].map(([name, own]) => ({
      name,
      partitions: own.map(({ partition }) => partition),
    }))
    const request = {
      v3AndBelowTransactionalId: transactionalId,
      v3AndBelowProducerId: identity.producerId,
      v3AndBelowProducerEpoch: identity.producerEpoch,
      v3AndBelowTopics: topics,
    }
    await this.#askCoordinator('transaction', transactionalId, async (coordinator) => {
      const answer = await this.#cluster.request(coordinator, addPartitionsToTxnApi, request, { maxVersion: 3 })
      const codes = answer.resultsByTopicV3AndBelow.flatMap(({ name, resultsByPartition }) =>
        resultsByPartition.map((one) => ({ place: `${name}-${one.partitionIndex}`, code: one.partitionErrorCode })),
      )
      // OPERATION_NOT_ATTEMPTED only says that another one of them failed.
      const failed = codes.find(({ code }) => code !== 0 && code !== 55) ?? codes.find(({ code }) => code !== 0)
      if (failed !== undefined)
        throwIfError(failed.code, `Adding ${failed.place} to the transaction of '${transactionalId}'`)
    })
  }

  /** Offsets that count once the transaction commits, fenced by the member's generation (KIP-447). @throws ClientError */
  async commitOffsets(
    identity: ProducerIdentity,
    offsets: ReadonlyMap<TopicPartition, OffsetAndMetadata>,
    group: GroupMetadata,
  ): Promise<void> {
    const transactionalId = this.#transactionalId
    const { groupId, generationId, memberId, groupInstanceId = null } = group
    const who = { transactionalId, ...identity, groupId }
    if (!this.#joinsByWriting) {
      await this.#askCoordinator('transaction', transactionalId, async (coordinator) => {
        const answer = await this.#cluster.request(coordinator, addOffsetsToTxnApi, who, { maxVersion: 4 })
        throwIfError(answer.errorCode, `Adding group '${groupId}' to the transaction of '${transactionalId}'`)
      })
    }
    const request = { ...who, generationId, memberId, groupInstanceId, topics: offsetTopics(offsets) }
    await this.#askCoordinator('group', groupId, async (coordinator) => {
      const connection = await this.#cluster.connection(coordinator)
      const maxVersion = this.#joinsByWriting ? 5 : 4
      if ((connection.versionOf(txnOffsetCommitApi, maxVersion) ?? 0) < 3) {
        const text = `${connection.address} cannot fence offsets by the group's generation (KIP-447). Exactly-once needs Kafka 2.5 or later.`
        throw new KafkaClientError('UNSUPPORTED_VERSION', text)
      }
      const answer = await connection.request(txnOffsetCommitApi, request, { maxVersion })
      for (const { name, partitions } of answer.topics) {
        for (const one of partitions) {
          const place = `${name}-${one.partitionIndex}`
          throwIfError(
            one.errorCode,
            `The offset of group '${groupId}' in ${place} in the transaction of '${transactionalId}'`,
          )
        }
      }
    })
  }

  /**
   * Ends the transaction. Resolves to who the producer is from now on.
   * @throws ClientError; `isOutcomeUnknown` when a commit was perhaps carried out
   */
  async end(identity: ProducerIdentity, outcome: 'commit' | 'abort'): Promise<ProducerIdentity> {
    const transactionalId = this.#transactionalId
    const request = { transactionalId, ...identity, committed: outcome === 'commit' }
    let isUnknown = false
    try {
      return await this.#askCoordinator('transaction', transactionalId, async (coordinator) => {
        try {
          const maxVersion = this.#joinsByWriting ? 5 : 4
          const answer = await this.#cluster.request(coordinator, endTxnApi, request, { maxVersion })
          throwIfError(answer.errorCode, `The ${outcome} of the transaction of '${transactionalId}'`)
          const { producerId, producerEpoch } = answer
          return producerId < 0n ? identity : { producerId, producerEpoch }
        } catch (error) {
          isUnknown ||= mayHaveHappened(error)
          throw error
        }
      })
    } catch (error) {
      const isOpen = isUnknown && outcome === 'commit' && error instanceof ClientError
      throw isOpen
        ? new ClientError(error.code, error.kind, error.message, { cause: error, isOutcomeUnknown: true })
        : error
    }
  }

  get #transactionalId(): string {
    const { transactionalId } = this.#options
    if (transactionalId === undefined) {
      throw new ClientError('NOT_TRANSACTIONAL', 'fatal', 'This producer was made without a transactional id.')
    }
    return transactionalId
  }

  /** Coordinators move: after an error that may pass they are looked up again. */
  #askCoordinator<T>(type: CoordinatorType, key: string, call: (coordinator: number) => Promise<T>): Promise<T> {
    const name = `${type} ${key}`
    return this.#retrying(
      async () => {
        let coordinator = this.#coordinators.get(name)
        if (coordinator === undefined) {
          coordinator = await this.#cluster.coordinatorOf(type, key)
          this.#coordinators.set(name, coordinator)
        }
        return call(coordinator)
      },
      (error) => {
        if (!(error instanceof KafkaClientError && error.code === 'CONCURRENT_TRANSACTIONS'))
          this.#coordinators.delete(name)
      },
    )
  }

  #retrying<T>(call: () => Promise<T>, onFailure?: (error: unknown) => void): Promise<T> {
    return translating(() => retrying(this.#options, call, onFailure))
  }
}
