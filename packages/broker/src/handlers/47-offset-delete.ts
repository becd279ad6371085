// OffsetDelete (47), version 0
// Behaviour
//   * Forgets committed offsets; those of topics that a member reads stay (GROUP_SUBSCRIBED_TO_TOPIC).
// Version notes
//   * Never flexible.
// Skipped
//   * Nothing.

import { errorCodes } from '@millrace/kafka-protocol'
import { offsetDeleteApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type AskedTopic = RequestOf<typeof offsetDeleteApi>['topics'][number]

export const offsetDeleteHandler = defineHandler(offsetDeleteApi, {
  handle({ groupId, topics }, context) {
    if (!context.allows('delete', 'group', groupId)) {
      return { errorCode: errorCodes.GROUP_AUTHORIZATION_FAILED, topics: [] }
    }
    const errors = new Map<string, number>()
    const deletable = topics.flatMap(({ name, partitions }) => {
      const refused = refusalOf(name, context)
      if (refused === errorCodes.NONE) return partitions.map((one) => ({ topic: name, partition: one.partitionIndex }))
      for (const { partitionIndex } of partitions) errors.set(`${name}/${partitionIndex}`, refused)
      return []
    })
    for (const { topic, partition, error } of context.engine.groups.deleteOffsets(groupId, deletable)) {
      errors.set(`${topic}/${partition}`, errorCodes[error])
    }
    return { errorCode: errorCodes.NONE, topics: topics.map((topic) => answerOf(topic, errors)) }
  },
  refuse: (_request, errorCode) => ({ errorCode, topics: [] }),
})

function refusalOf(topic: string, context: RequestContext): number {
  if (!context.allows('read', 'topic', topic)) return errorCodes.TOPIC_AUTHORIZATION_FAILED
  return context.engine.describeTopic(topic) === undefined ? errorCodes.UNKNOWN_TOPIC_OR_PARTITION : errorCodes.NONE
}

function answerOf({ name, partitions }: AskedTopic, errors: ReadonlyMap<string, number>) {
  return {
    name,
    partitions: partitions.map(({ partitionIndex }) => ({
      partitionIndex,
      errorCode: errors.get(`${name}/${partitionIndex}`) ?? errorCodes.NONE,
    })),
  }
}
