// DescribeTransactions (65), version 0
// Behaviour
//   * State, producer and partitions of transactional ids; one that is not known is TRANSACTIONAL_ID_NOT_FOUND.
// Version notes
//   * Flexible from the first.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeTransactionsApi } from '@millrace/kafka-protocol/messages'
import type { TopicPartition } from '@millrace/log-engine'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'
import { transactionStates } from '../transaction-states.ts'

export const describeTransactionsHandler = defineHandler(describeTransactionsApi, {
  handle: (request, context) => ({
    transactionStates: request.transactionalIds.map((transactionalId) => describe(transactionalId, context)),
  }),
  refuse: (request, errorCode) => ({
    transactionStates: request.transactionalIds.map((transactionalId) => unknown(transactionalId, errorCode)),
  }),
})

function describe(transactionalId: string, context: RequestContext) {
  if (!context.allows('describe', 'transactional-id', transactionalId)) {
    return unknown(transactionalId, errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
  }
  const known = context.engine.describeTransaction(transactionalId)
  if (known === undefined) return unknown(transactionalId, errorCodes.TRANSACTIONAL_ID_NOT_FOUND)
  return {
    errorCode: errorCodes.NONE,
    transactionalId,
    transactionState: transactionStates[known.status],
    transactionTimeoutMs: known.timeoutMs,
    transactionStartTimeMs: known.startTimestamp,
    producerId: known.producerId,
    producerEpoch: known.producerEpoch,
    topics: byTopic(known.partitions.filter(({ topic }) => context.allows('describe', 'topic', topic))),
  }
}

function byTopic(partitions: readonly TopicPartition[]) {
  const topics = new Map<string, number[]>()
  for (const { topic, partition } of partitions) topics.set(topic, [...(topics.get(topic) ?? []), partition])
  return [...topics].map(([topic, own]) => ({ topic, partitions: own }))
}

function unknown(transactionalId: string, errorCode: number) {
  return {
    errorCode,
    transactionalId,
    transactionState: '',
    transactionTimeoutMs: 0,
    transactionStartTimeMs: 0,
    producerId: 0n,
    producerEpoch: 0,
    topics: [],
  }
}
