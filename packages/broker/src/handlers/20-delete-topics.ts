// DeleteTopics (20), versions 1–6
// Behaviour
//   * Deletes each topic with its data and committed offsets, at once.
// Version notes
//   * v5+: error messages.  * v6+: topics may be named by id.
// Skipped
//   * The time-out: the answer is immediate.

import { errorCodes } from '@millrace/kafka-protocol'
import { deleteTopicsApi, type RequestOf, zeroUuid } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type AskedTopic = RequestOf<typeof deleteTopicsApi>['topics'][number]

export const deleteTopicsHandler = defineHandler(deleteTopicsApi, {
  handle(request, context) {
    return { responses: askedTopics(request, context.version).map((asked) => deleteOne(asked, context)) }
  },
  refuse: (request, errorCode, context) => ({
    responses: askedTopics(request, context.version).map((asked) => ({ ...asked, errorCode })),
  }),
})

function askedTopics(request: RequestOf<typeof deleteTopicsApi>, version: number): readonly AskedTopic[] {
  return version >= 6 ? request.topics : request.topicNames.map((name) => ({ name, topicId: zeroUuid }))
}

function deleteOne(asked: AskedTopic, context: RequestContext) {
  try {
    if (!context.broker.config.boolean('delete.topic.enable')) {
      throw new RequestError('TOPIC_DELETION_DISABLED', 'delete.topic.enable is false.')
    }
    if ((asked.name === null) === (asked.topicId === zeroUuid)) {
      throw new RequestError('INVALID_REQUEST', 'A topic is named either by name or by id.')
    }
    const name = asked.name ?? context.broker.topicIds.find(asked.topicId)?.name
    if (name === undefined) throw new RequestError('UNKNOWN_TOPIC_ID', `There is no topic with id ${asked.topicId}.`)
    if (!context.allows('delete', 'topic', name)) {
      throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not delete ${name}.`)
    }
    const topicId = context.engine.describeTopic(name)?.topicId ?? asked.topicId
    context.engine.deleteTopic(name)
    return { name, topicId, errorCode: errorCodes.NONE }
  } catch (error) {
    return { ...asked, errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) }
  }
}
