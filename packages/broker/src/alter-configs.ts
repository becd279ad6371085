import { errorCodes } from '@millrace/kafka-protocol'
import { parseLogConfig } from '@millrace/log-engine'
import { RequestError } from './broker-error.ts'
import { errorCodeOf, errorMessageOf } from './error-mapping.ts'
import type { RequestContext } from './request-context.ts'
import { resourceTypes } from './resource-types.ts'

interface Resource {
  readonly resourceType: number
  readonly resourceName: string
}

/** What a request that alters configs answers for one resource. */
export interface AlteredResource extends Resource {
  readonly errorCode: number
  readonly errorMessage: string | null
}

/** Gives the engine what `change` makes of the topic's configs that are set: null gives one its default back. */
export function alterResource(
  { resourceType, resourceName }: Resource,
  validateOnly: boolean,
  context: RequestContext,
  change: (set: Readonly<Record<string, string>>) => Record<string, string | null>,
): AlteredResource {
  const resource = { resourceType, resourceName }
  try {
    if (resourceType === resourceTypes.broker && isUnsetting(change({}))) {
      return { ...resource, errorCode: errorCodes.NONE, errorMessage: null }
    }
    if (resourceType !== resourceTypes.topic) {
      throw new RequestError('INVALID_REQUEST', 'Only configs of topics can be changed while the broker runs.')
    }
    if (!context.allows('alter', 'topic', resourceName)) {
      throw new RequestError('TOPIC_AUTHORIZATION_FAILED', `May not alter ${resourceName}.`)
    }
    const topic = context.engine.describeTopic(resourceName)
    if (topic === undefined) {
      throw new RequestError('UNKNOWN_TOPIC_OR_PARTITION', `There is no topic '${resourceName}'.`)
    }
    const changes = change(topic.configs)
    if (validateOnly) validate(resourceName, { ...topic.configs, ...changes })
    else context.engine.alterTopicConfigs(resourceName, changes)
    return { ...resource, errorCode: errorCodes.NONE, errorMessage: null }
  } catch (error) {
    return { ...resource, errorCode: errorCodeOf(error), errorMessage: errorMessageOf(error) }
  }
}

/** Kafka's tools unset what may be left of throttles; of a broker here none can be set. */
function isUnsetting(changes: Readonly<Record<string, string | null>>): boolean {
  const values = Object.values(changes)
  return values.length > 0 && values.every((value) => value === null)
}

function validate(topic: string, configs: Readonly<Record<string, string | null>>): void {
  const set: Record<string, string> = {}
  for (const [name, value] of Object.entries(configs)) if (value !== null) set[name] = value
  parseLogConfig(topic, set)
}

/** The same error for every resource. */
export function refuseResources(resources: readonly Resource[], errorCode: number): AlteredResource[] {
  return resources.map(({ resourceType, resourceName }) => ({
    resourceType,
    resourceName,
    errorCode,
    errorMessage: null,
  }))
}
