// Produce (0), versions 3–13
// Behaviour
//   * Appends one record batch per partition, as it came; each partition succeeds or fails by itself.
//   * acks 1 and -1 are the same on a single node: the answer follows when the bytes are with the operating system.
//   * Advertised from version 0 on, as by Kafka (KAFKA-18659): for brokers that do not say so older librdkafka, 2.0 for one,
//     does not compress by gzip, snappy and lz4. Versions 0 to 2 close the connection.
//   * acks 0: no answer; when a batch is refused the connection closes, which is all that the client can notice.
// Version notes
//   * v7+: zstd; before, UNSUPPORTED_COMPRESSION_TYPE.  * v8+: error messages.
//   * v11+: INVALID_TXN_STATE becomes TRANSACTION_ABORTABLE.
//   * v12+: a partition joins the transaction by itself (KIP-890, transaction version 2).  * v13: topics by id.
// Skipped
//   * Message formats 0 and 1 (Kafka 4 has dropped them too); NOT_ENOUGH_REPLICAS for min.insync.replicas above 1.

import { errorCodes } from '@millrace/kafka-protocol'
import { produceApi, type ResponseInputOf } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type Answer = ResponseInputOf<typeof produceApi>
type PartitionAnswer = Answer['responses'][number]['partitionResponses'][number]

export const produceHandler = defineHandler(produceApi, {
  advertisedMinVersion: 0,
  handle(request, context) {
    if (request.acks < -1 || request.acks > 1)
      throw new RequestError('INVALID_REQUIRED_ACKS', `acks is ${request.acks}`)
    const { transactionalId } = request
    if (transactionalId !== null && !context.allows('write', 'transactional-id', transactionalId)) {
      throw new RequestError('TRANSACTIONAL_ID_AUTHORIZATION_FAILED', `May not write with ${transactionalId}.`)
    }
    let failure: string | undefined
    const responses = request.topicData.map(({ name: given, topicId, partitionData }) => {
      const name = context.version >= 13 ? context.broker.topicIds.find(topicId)?.name : given
      const partitionResponses = partitionData.map(({ index, records }) => {
        const answer =
          name === undefined
            ? failed(index, errorCodes.UNKNOWN_TOPIC_ID, `There is no topic with id ${topicId}.`)
            : append(name, index, records, transactionalId, context)
        if (answer.errorCode !== 0) failure = `${name ?? topicId}-${index}: ${answer.errorMessage}`
        return answer
      })
      return { name: given, topicId, partitionResponses }
    })
    if (request.acks !== 0) return { responses }
    if (failure !== undefined)
      throw new RequestError('NETWORK_EXCEPTION', `A batch sent with acks 0 was refused, ${failure}`)
    return undefined
  },
  refuse(request, errorCode) {
    if (request.acks === 0) return undefined
    return {
      responses: request.topicData.map(({ name, topicId, partitionData }) => ({
        name,
        topicId,
        partitionResponses: partitionData.map(({ index }) => failed(index, errorCode, null)),
      })),
    }
  },
})

function append(
  topic: string,
  partition: number,
  records: Uint8Array | null,
  transactionalId: string | null,
  context: RequestContext,
): PartitionAnswer {
  try {
    if (!context.allows('write', 'topic', topic))
      throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not write to ${topic}.`)
    if (context.engine.describeTopic(topic)?.isInternal === true) {
      throw new RequestError('INVALID_TOPIC_EXCEPTION', `${topic} is internal: only the broker writes to it.`)
    }
    const joins = transactionalId !== null && context.version >= 12
    const batch = oneBatch(records, context.version)
    const appended = context.engine.append({ topic, partition }, batch, joins ? { transactionalId } : {})
    return {
      index: partition,
      errorCode: errorCodes.NONE,
      baseOffset: appended.baseOffset,
      logAppendTimeMs: appended.logAppendTime,
      logStartOffset: appended.logStartOffset,
    }
  } catch (error) {
    return failed(partition, versionedCode(errorCodeOf(error), context.version), errorMessageOf(error))
  }
}

/** A client that knows the newer error can abort the transaction and go on. */
function versionedCode(errorCode: number, version: number): number {
  return errorCode === errorCodes.INVALID_TXN_STATE && version >= 11 ? errorCodes.TRANSACTION_ABORTABLE : errorCode
}

const batchPrefixBytes = 12
const zstdCodec = 4

/** Checks what the version allows; the engine checks the batch itself. */
function oneBatch(records: Uint8Array | null, version: number): Uint8Array {
  if (records === null || records.byteLength < 61) {
    throw new RequestError('INVALID_RECORD', 'The request holds no record batch for the partition.')
  }
  const view = new DataView(records.buffer, records.byteOffset, records.byteLength)
  if (view.getInt8(16) !== 2) {
    throw new RequestError('INVALID_RECORD', `The batch has message format ${view.getInt8(16)}; only 2 is taken.`)
  }
  if (view.getInt32(8) + batchPrefixBytes < records.byteLength) {
    throw new RequestError('INVALID_RECORD', 'More than one record batch for the partition.')
  }
  if (version < 7 && (view.getInt16(21) & 7) === zstdCodec) {
    throw new RequestError('UNSUPPORTED_COMPRESSION_TYPE', `zstd needs Produce version 7; this is version ${version}.`)
  }
  return records
}

function failed(index: number, errorCode: number, errorMessage: string | null): PartitionAnswer {
  return { index, errorCode, baseOffset: -1, logAppendTimeMs: -1, logStartOffset: -1, errorMessage }
}
