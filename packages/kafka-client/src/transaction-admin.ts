import { describeProducersApi, describeTransactionsApi, listTransactionsApi } from '@millrace/kafka-protocol/messages'
import { throwIfError } from './client-error.ts'
import type { Cluster } from './cluster.ts'
import type { TopicPartition } from './topic-partition.ts'

/** A transactional id in the list of transactions. */
export interface TransactionListing {
  readonly transactionalId: string
  readonly producerId: bigint
  /** `Ongoing`, `CompleteCommit`, … */
  readonly state: string
}

/** A transactional id with its running or last transaction. */
export interface TransactionDescription extends TransactionListing {
  readonly producerEpoch: number
  readonly timeoutMs: number
  /** Unix ms; -1 when none is running. */
  readonly startTime: number
  readonly partitions: readonly TopicPartition[]
}

/** A producer that has written to a partition. */
export interface ProducerState {
  readonly producerId: bigint
  readonly producerEpoch: number
  readonly lastSequence: number
  /** Unix ms. */
  readonly lastTimestamp: number
  /** Of its open transaction; -1 when there is none. */
  readonly transactionStartOffset: number
}

/** Transactions and producers. Every call throws `KafkaClientError` with the broker's error. */
export class TransactionAdmin {
  readonly #cluster: Cluster

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  /** The transactional ids of all brokers, by name. */
  async listTransactions(): Promise<TransactionListing[]> {
    await this.#cluster.refresh([])
    const request = { stateFilters: [], producerIdFilters: [] }
    const answers = await Promise.all(
      this.#cluster.nodes.map(({ nodeId }) => this.#cluster.request(nodeId, listTransactionsApi, request)),
    )
    const transactions = answers.flatMap((answer) => {
      throwIfError(answer.errorCode, 'Listing transactions')
      return answer.transactionStates.map(({ transactionalId, producerId, transactionState }) => ({
        transactionalId,
        producerId,
        state: transactionState,
      }))
    })
    return transactions.sort((a, b) => (a.transactionalId < b.transactionalId ? -1 : 1))
  }

  /** @throws TRANSACTIONAL_ID_NOT_FOUND */
  async describeTransaction(transactionalId: string): Promise<TransactionDescription> {
    // A coordinator that is asked for the first time may still be loading its log.
    const state = await this.#cluster.retrying(async () => {
      const nodeId = await this.#cluster.coordinatorOf('transaction', transactionalId)
      const request = { transactionalIds: [transactionalId] }
      const answer = await this.#cluster.request(nodeId, describeTransactionsApi, request)
      throwIfError(answer.transactionStates[0]?.errorCode ?? -1, `Transactional id '${transactionalId}'`)
      return answer.transactionStates[0]
    })
    return {
      transactionalId,
      producerId: state?.producerId ?? -1n,
      producerEpoch: state?.producerEpoch ?? -1,
      state: state?.transactionState ?? '',
      timeoutMs: state?.transactionTimeoutMs ?? -1,
      startTime: state?.transactionStartTimeMs ?? -1,
      partitions: (state?.topics ?? []).flatMap(({ topic, partitions }) =>
        partitions.map((partition) => ({ topic, partition })),
      ),
    }
  }

  /** @throws UNKNOWN_TOPIC_OR_PARTITION */
  async describeProducers(topicPartition: TopicPartition): Promise<ProducerState[]> {
    const { topic, partition } = topicPartition
    const leader = await this.#cluster.leaderOf(topicPartition)
    const request = { topics: [{ name: topic, partitionIndexes: [partition] }] }
    const answer = await this.#cluster.request(leader, describeProducersApi, request)
    const one = answer.topics[0]?.partitions[0]
    throwIfError(one?.errorCode ?? -1, `Producers of ${topic}-${partition}`, one?.errorMessage)
    return (one?.activeProducers ?? []).map((producer) => ({
      producerId: producer.producerId,
      producerEpoch: producer.producerEpoch,
      lastSequence: producer.lastSequence,
      lastTimestamp: producer.lastTimestamp,
      transactionStartOffset: producer.currentTxnStartOffset,
    }))
  }
}
