// CreateTopics (19), versions 2–7
// Behaviour
//   * Creates each topic by itself. -1 partitions stand for `num.partitions`; the replication factor is 1, given as 1 or
//     -1; assignments name this broker only.
//   * The same name twice in a request: INVALID_REQUEST for both.
//   * More partitions than the config `max.partitions`: POLICY_VIOLATION.
//   * validateOnly: everything is checked and nothing made.
// Version notes
//   * v5+: the answer names partitions and configs.  * v7: the topic id.
// Skipped
//   * The time-out: the answer is immediate.

import { errorCodes } from '@millrace/kafka-protocol'
import { createTopicsApi, type RequestOf, zeroUuid } from '@millrace/kafka-protocol/messages'
import { type NewTopic, parseLogConfig } from '@millrace/log-engine'
import { RequestError } from '../broker-error.ts'
import { topicConfigEntries } from '../config-entries.ts'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import { checkPartitionLimit } from '../partition-limit.ts'
import type { RequestContext } from '../request-context.ts'

type AskedTopic = RequestOf<typeof createTopicsApi>['topics'][number]

export const createTopicsHandler = defineHandler(createTopicsApi, {
  handle(request, context) {
    const names = request.topics.map(({ name }) => name)
    const duplicates = new Set(names.filter((name, i) => names.indexOf(name) !== i))
    return {
      topics: request.topics.map((asked) => {
        try {
          if (duplicates.has(asked.name)) {
            throw new RequestError('INVALID_REQUEST', `Topic '${asked.name}' is named twice in the request.`)
          }
          return create(asked, request.validateOnly, context)
        } catch (error) {
          return failed(asked.name, errorCodeOf(error), errorMessageOf(error))
        }
      }),
    }
  },
  refuse: (request, errorCode) => ({ topics: request.topics.map(({ name }) => failed(name, errorCode, null)) }),
})

function create(asked: AskedTopic, validateOnly: boolean, context: RequestContext) {
  const { name } = asked
  if (!context.allows('create', 'topic', name) && !context.allows('create', 'cluster', '*')) {
    throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not create ${name}.`)
  }
  const topic = newTopicOf(asked, context)
  if (context.engine.describeTopic(name) !== undefined) {
    throw new RequestError('TOPIC_ALREADY_EXISTS', `Topic '${name}' already exists.`)
  }
  checkPartitionLimit(topic.partitions, context)
  if (validateOnly) validate(topic)
  const topicId = validateOnly ? zeroUuid : context.engine.createTopic(topic).topicId
  return {
    name,
    topicId,
    errorCode: errorCodes.NONE,
    numPartitions: topic.partitions,
    replicationFactor: 1,
    configs: topicConfigEntries(topic.configs ?? {}).map((entry) => ({
      name: entry.name,
      value: entry.value,
      readOnly: false,
      configSource: entry.source,
      isSensitive: false,
    })),
  }
}

/** What the engine checks when it makes a topic. */
function validate({ name, partitions, configs }: NewTopic): void {
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(name) || name === '.' || name === '..') {
    throw new RequestError('INVALID_TOPIC_EXCEPTION', `'${name}' cannot name a topic.`)
  }
  if (partitions < 1) throw new RequestError('INVALID_PARTITIONS', `Topic '${name}' needs at least one partition.`)
  parseLogConfig(name, configs ?? {})
}

function newTopicOf(
  { name, numPartitions, replicationFactor, assignments, configs }: AskedTopic,
  context: RequestContext,
): NewTopic {
  const texts: Record<string, string> = {}
  for (const { name: config, value } of configs) {
    if (value === null) throw new RequestError('INVALID_CONFIG', `Config ${config} of topic '${name}' has no value.`)
    texts[config] = value
  }
  if (assignments.length > 0) {
    if (numPartitions !== -1 || replicationFactor !== -1) {
      throw new RequestError('INVALID_REQUEST', 'Partitions and replication factor must be -1 beside an assignment.')
    }
    checkAssignments(assignments, context.broker.nodeId)
    return { name, partitions: assignments.length, configs: texts }
  }
  if (replicationFactor !== -1 && replicationFactor !== 1) {
    const text = `The replication factor is ${replicationFactor}, but there is one broker. Use 1 or -1.`
    throw new RequestError('INVALID_REPLICATION_FACTOR', text)
  }
  const usesDefault = numPartitions === -1
  return {
    name,
    partitions: usesDefault ? context.broker.config.number('num.partitions') : numPartitions,
    configs: texts,
  }
}

function checkAssignments(assignments: AskedTopic['assignments'], nodeId: number): void {
  const indexes = assignments.map(({ partitionIndex }) => partitionIndex).sort((a, b) => a - b)
  const isComplete = indexes.every((partition, i) => partition === i)
  const isHere = assignments.every(({ brokerIds }) => brokerIds.length === 1 && brokerIds[0] === nodeId)
  if (isComplete && isHere) return
  const text = `An assignment must name the partitions from 0 on, and broker ${nodeId} for each.`
  throw new RequestError('INVALID_REPLICA_ASSIGNMENT', text)
}

function failed(name: string, errorCode: number, errorMessage: string | null) {
  return { name, errorCode, errorMessage, configs: [] }
}
