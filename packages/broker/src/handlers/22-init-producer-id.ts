// InitProducerId (22), versions 0–5
// Behaviour
//   * Without transactional id: a new producer id. With one: its next epoch; a transaction that an older producer left
//     open is aborted before the answer, so that CONCURRENT_TRANSACTIONS is not seen.
// Version notes
//   * v3+: a producer that gives its id and epoch gets the next epoch, or is refused when another has taken over.
//   * v4+: refused with PRODUCER_FENCED; before, with INVALID_PRODUCER_EPOCH.
// Skipped
//   * Two-phase commit (v6).

import { errorCodes } from '@millrace/kafka-protocol'
import { initProducerIdApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { fencedCodeOf } from '../fencing.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type Request = RequestOf<typeof initProducerIdApi>

export const initProducerIdHandler = defineHandler(initProducerIdApi, {
  async handle(request, context) {
    try {
      check(request, context)
      const { transactionalId, transactionTimeoutMs, producerId, producerEpoch } = request
      const current = producerId < 0n ? {} : { current: { producerId, producerEpoch } }
      // The time-out of a producer without transactions means nothing and is not looked at.
      const own = transactionalId === null ? {} : { transactionalId, transactionTimeoutMs, ...current }
      return { errorCode: errorCodes.NONE, ...(await context.engine.initProducerId(own)) }
    } catch (error) {
      return nobody(fencedCodeOf(error, context.version, 4))
    }
  },
  refuse: (_request, errorCode) => nobody(errorCode),
})

function check({ transactionalId, transactionTimeoutMs }: Request, context: RequestContext): void {
  if (transactionalId === null) return
  if (transactionalId === '') throw new RequestError('INVALID_REQUEST', 'The transactional id is empty.')
  if (!context.allows('write', 'transactional-id', transactionalId)) {
    throw new RequestError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', `May not write with ${transactionalId}.`)
  }
  if (transactionTimeoutMs <= 0) {
    throw new RequestError('INVALID_TRANSACTION_TIMEOUT', `A transaction time-out of ${transactionTimeoutMs} ms.`)
  }
}

function nobody(errorCode: number) {
  return { errorCode, producerId: -1n, producerEpoch: -1 }
}
