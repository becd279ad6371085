// TxnOffsetCommit (28), versions 0–5
// Behaviour
//   * Writes offsets that count once the transaction commits. Membership is checked when it is given.
// Version notes
//   * v3+: generation, member and instance (KIP-447); before, nothing is checked.
//   * A fenced producer is told INVALID_PRODUCER_EPOCH in every version.
//   * v5: the group's offsets join the transaction by themselves (KIP-890, transaction version 2).
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { txnOffsetCommitApi } from '@millrace/kafka-protocol/messages'
import { EngineError } from '@millrace/log-engine'
import { RequestError } from '../broker-error.ts'
import { groupMetadataOf } from '../group-metadata.ts'
import { defineHandler } from '../handler.ts'
import { commitEach, refuseCommit } from '../offset-answers.ts'

export const txnOffsetCommitHandler = defineHandler(txnOffsetCommitApi, {
  handle(request, context) {
    if (!context.allows('write', 'transactional-id', request.transactionalId)) {
      return refuseCommit(request.topics, errorCodes.TRANSACTIONAL_ID_AUTHORIZATION_FAILED)
    }
    if (!context.allows('read', 'group', request.groupId)) {
      return refuseCommit(request.topics, errorCodes.GROUP_AUTHORIZATION_FAILED)
    }
    const group = groupMetadataOf(request.groupId, request.generationId, request.memberId, request.groupInstanceId)
    return commitEach(request.topics, context, (offsets) => {
      try {
        context.engine.txnOffsetCommit(request, group, offsets, { joins: context.version >= 5 })
      } catch (error) {
        if (!(error instanceof EngineError) || error.code !== 'PRODUCER_FENCED') throw error
        throw new RequestError('INVALID_PRODUCER_EPOCH', error.message)
      }
    })
  },
  refuse: (request, errorCode) => refuseCommit(request.topics, errorCode),
})
