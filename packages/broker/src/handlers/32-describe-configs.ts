// DescribeConfigs (32), versions 1–4
// Behaviour
//   * Topics (resource type 2) with every config that Kafka knows; the broker (4) with those that have an effect here.
//   * No names, or an empty list of them: all configs.
//   * Synonyms: what was set, then the default, by the name that the broker's config has in Kafka.
// Version notes
//   * v3+: type and, when asked for, documentation.
// Skipped
//   * Client metrics and groups (resource types 16 and 32): INVALID_REQUEST. Cluster-wide defaults (broker '').

import { errorCodes } from '@millrace/kafka-protocol'
import { describeConfigsApi, type RequestOf, type ResponseInputOf } from '@millrace/kafka-protocol/messages'
import { RequestError } from '../broker-error.ts'
import { brokerConfigEntries, type ConfigEntry, configSources, topicConfigEntries } from '../config-entries.ts'
import { errorCodeOf, errorMessageOf } from '../error-mapping.ts'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'
import { resourceTypes } from '../resource-types.ts'

type Request = RequestOf<typeof describeConfigsApi>
type Resource = Request['resources'][number]
type ConfigAnswer = ResponseInputOf<typeof describeConfigsApi>['results'][number]['configs'][number]

export const describeConfigsHandler = defineHandler(describeConfigsApi, {
  handle(request, context) {
    return {
      results: request.resources.map((resource) => {
        try {
          const names = new Set(resource.configurationKeys)
          const entries = entriesOf(resource, context).filter(({ name }) => names.size === 0 || names.has(name))
          const configs = entries.map((entry) => answerOf(entry, resource, request))
          return { ...named(resource), errorCode: errorCodes.NONE, configs }
        } catch (error) {
          const failure = { errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) }
          return { ...named(resource), ...failure, configs: [] }
        }
      }),
    }
  },
  refuse: (request, errorCode) => ({
    results: request.resources.map((resource) => ({ ...named(resource), errorCode, configs: [] })),
  }),
})

function named({ resourceType, resourceName }: Resource) {
  return { resourceType, resourceName }
}

function entriesOf({ resourceType, resourceName }: Resource, context: RequestContext): ConfigEntry[] {
  if (resourceType === resourceTypes.topic) {
    if (!context.allows('describe', 'topic', resourceName)) {
      throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not describe ${resourceName}.`)
    }
    const topic = context.engine.describeTopic(resourceName)
    if (topic === undefined) {
      throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${resourceName}'.`)
    }
    return topicConfigEntries(topic.configs)
  }
  if (resourceType === resourceTypes.broker && resourceName === String(context.broker.nodeId)) {
    if (!context.allows('describe', 'cluster', '*')) {
      throw new RequestError('CLUSTER_AUTHORIZATION_FAILED', 'May not describe the broker.')
    }
    return brokerConfigEntries(context.broker.config)
  }
  throw new RequestError('INVALID_REQUEST', `There is no resource of type ${resourceType} named '${resourceName}'.`)
}

function answerOf(entry: ConfigEntry, { resourceType }: Resource, request: Request): ConfigAnswer {
  const { name, value, source, defaultName, defaultValue } = entry
  const set = source === configSources.default ? [] : [{ name, value, source }]
  const byDefault =
    defaultName === null ? [] : [{ name: defaultName, value: defaultValue, source: configSources.default }]
  const synonyms = [...set, ...byDefault]
  return {
    name,
    value,
    readOnly: resourceType === resourceTypes.broker,
    configSource: source,
    isSensitive: false,
    synonyms: request.includeSynonyms ? synonyms : [],
    configType: entry.type,
    documentation: request.includeDocumentation ? entry.documentation : null,
  }
}
