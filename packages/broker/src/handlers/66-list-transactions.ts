// ListTransactions (66), versions 0–1
// Behaviour
//   * The transactional ids that the client may describe, by state, by producer id. States that do not exist are named.
// Version notes
//   * v1: those whose transaction is open for at least so long.
// Skipped
//   * By pattern (v2): Kafka's patterns are those of RE2, which JavaScript lacks.

import { errorCodes } from '@millrace/kafka-protocol'
import { listTransactionsApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import { transactionStates } from '../transaction-states.ts'

const knownStates = new Set<string>(Object.values(transactionStates))

export const listTransactionsHandler = defineHandler(listTransactionsApi, {
  maxVersion: 1,
  handle({ stateFilters, producerIdFilters, durationFilter }, context) {
    const now = context.broker.time.now()
    const listed = context.engine
      .listTransactions()
      .filter(
        ({ transactionalId, status, producerId, startTimestamp }) =>
          context.allows('describe', 'transactional-id', transactionalId) &&
          (stateFilters.length === 0 || stateFilters.includes(transactionStates[status])) &&
          (producerIdFilters.length === 0 || producerIdFilters.includes(producerId)) &&
          (durationFilter < 0 || (startTimestamp >= 0 && now - startTimestamp >= durationFilter)),
      )
    return {
      errorCode: errorCodes.NONE,
      unknownStateFilters: stateFilters.filter((state) => !knownStates.has(state)),
      transactionStates: listed.map(({ transactionalId, producerId, status }) => ({
        transactionalId,
        producerId,
        transactionState: transactionStates[status],
      })),
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, unknownStateFilters: [], transactionStates: [] }),
})
