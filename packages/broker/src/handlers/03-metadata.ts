// Metadata (3), versions 0–13
// Behaviour
//   * Names this broker as the only one, and as leader of every partition, at the address of the client's listener.
//   * Creates a missing topic that is named when the request and the config `auto.create.topics.enable` allow it, and
//     answers with it at once; Kafka answers with an error first.
//   * Topics that the client may not describe are left out, or refused when they were named.
// Version notes
//   * v0: an empty array asks for all topics; v1+: null does, and an empty one for none.
//   * v4+: allowAutoTopicCreation; before, it counts as given.  * v10+: topics may be named by id.
// Skipped
//   * Racks, offline replicas.

import { errorCodes } from '@millrace/kafka-protocol'
import { metadataApi, type RequestOf, type ResponseInputOf, zeroUuid } from '@millrace/kafka-protocol/messages'
import type { TopicDescription } from '@millrace/log-engine'
import { authorizedOperations, operationsNotAsked } from '../authorized-operations.ts'
import { describedPartition } from '../described-partition.ts'
import { errorCodeOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import { checkPartitionLimit } from '../partition-limit.ts'
import type { RequestContext } from '../request-context.ts'

type Request = RequestOf<typeof metadataApi>
type Topic = ResponseInputOf<typeof metadataApi>['topics'][number]
type AskedTopic = NonNullable<Request['topics']>[number]

export const metadataHandler = defineHandler(metadataApi, {
  handle(request, context) {
    const { broker, connection } = context
    // Version 0 has no null.
    const asked = context.version === 0 && request.topics?.length === 0 ? null : request.topics
    return {
      brokers: [{ nodeId: broker.nodeId, host: connection.host, port: connection.port }],
      clusterId: broker.clusterId,
      controllerId: broker.nodeId,
      topics: asked === null ? allTopics(request, context) : asked.map((one) => oneTopic(one, request, context)),
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? authorizedOperations(context, 'cluster', '*')
        : operationsNotAsked,
    }
  },
  refuse: (request, errorCode) => ({
    brokers: [],
    topics: (request.topics ?? []).map(({ name, topicId }) => failed(errorCode, name, topicId)),
    errorCode,
  }),
})

function allTopics(request: Request, context: RequestContext): Topic[] {
  return context.engine
    .listTopics()
    .filter((topic) => context.allows('describe', 'topic', topic.name))
    .map((topic) => described(topic, request, context))
}

function oneTopic(asked: AskedTopic, request: Request, context: RequestContext): Topic {
  if (asked.name === null) {
    const topic = context.broker.topicIds.find(asked.topicId)
    // Whether a forbidden topic exists is not told.
    if (topic === undefined || !context.allows('describe', 'topic', topic.name)) {
      return failed(errorCodes.UNKNOWN_TOPIC_ID, null, asked.topicId)
    }
    return described(topic, request, context)
  }
  if (!context.allows('describe', 'topic', asked.name)) {
    return failed(errorCodes.TOPIC_AUTHORIZATION_FAILED, asked.name, zeroUuid)
  }
  const topic = context.engine.describeTopic(asked.name)
  return topic === undefined ? created(asked.name, request, context) : described(topic, request, context)
}

function created(name: string, request: Request, context: RequestContext): Topic {
  const { config } = context.broker
  const mayCreate = context.version < 4 || request.allowAutoTopicCreation
  if (!mayCreate || !config.boolean('auto.create.topics.enable')) {
    return failed(errorCodes.UNKNOWN_TOPIC_OR_PARTITION, name, zeroUuid)
  }
  if (!context.allows('create', 'topic', name) && !context.allows('create', 'cluster', '*')) {
    return failed(errorCodes.TOPIC_AUTHORIZATION_FAILED, name, zeroUuid)
  }
  try {
    const partitions = config.number('num.partitions')
    checkPartitionLimit(partitions, context)
    const topic = context.engine.createTopic({ name, partitions })
    return described(topic, request, context)
  } catch (error) {
    return failed(errorCodeOf(error), name, zeroUuid)
  }
}

function described(topic: TopicDescription, request: Request, context: RequestContext): Topic {
  return {
    errorCode: errorCodes.NONE,
    name: topic.name,
    topicId: topic.topicId,
    isInternal: topic.isInternal,
    partitions: Array.from({ length: topic.partitions }, (_, i) => describedPartition(topic.name, i, context)),
    topicAuthorizedOperations: request.includeTopicAuthorizedOperations
      ? authorizedOperations(context, 'topic', topic.name)
      : operationsNotAsked,
  }
}

function failed(errorCode: number, name: string | null, topicId: string): Topic {
  return { errorCode, name, topicId, partitions: [] }
}
