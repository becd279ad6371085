// IncrementalAlterConfigs (44), versions 0–1
// Behaviour
//   * Sets (0), deletes (1), appends to (2) or subtracts from (3) single configs of a topic; the others stay.
//   * Append and subtract are for lists: `cleanup.policy` and the throttled replicas.
//   * The same config twice for one topic: INVALID_REQUEST.
// Version notes
//   * v1: flexible.
// Skipped
//   * Configs of the broker: INVALID_REQUEST, unless they are only deleted, of which none are set.

import { incrementalAlterConfigsApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { alterResource, refuseResources } from '../alter-configs.ts'
import { RequestError } from '../broker-error.ts'
import { topicConfigEntries } from '../config-entries.ts'
import { defineHandler } from '../handler.ts'

type Alteration = RequestOf<typeof incrementalAlterConfigsApi>['resources'][number]['configs'][number]

export const incrementalAlterConfigsHandler = defineHandler(incrementalAlterConfigsApi, {
  handle(request, context) {
    return {
      responses: request.resources.map((resource) =>
        alterResource(resource, request.validateOnly, context, (set) => {
          const names = resource.configs.map(({ name }) => name)
          const twice = names.find((name, i) => names.indexOf(name) !== i)
          if (twice !== undefined) throw new RequestError('INVALID_REQUEST', `Config ${twice} is altered twice.`)
          return Object.fromEntries(resource.configs.map((alteration) => [alteration.name, altered(alteration, set)]))
        }),
      ),
    }
  },
  refuse: (request, errorCode) => ({ responses: refuseResources(request.resources, errorCode) }),
})

/** The new value; null for the default. */
function altered(alteration: Alteration, set: Readonly<Record<string, string>>): string | null {
  const { name, configOperation, value } = alteration
  if (configOperation === 1) return null
  if (value === null) throw new RequestError('INVALID_REQUEST', `Config ${name} has no value.`)
  switch (configOperation) {
    case 0:
      return value
    case 2:
      return [...new Set([...listOf(set, name), ...split(value)])].join(',')
    case 3: {
      const without = new Set(split(value))
      return listOf(set, name)
        .filter((one) => !without.has(one))
        .join(',')
    }
    default:
      throw new RequestError('INVALID_REQUEST', `There is no operation ${configOperation} on configs.`)
  }
}

function listOf(configs: Readonly<Record<string, string>>, name: string): string[] {
  const entry = topicConfigEntries(configs).find((one) => one.name === name)
  if (entry === undefined || entry.type !== 7) {
    throw new RequestError('INVALID_CONFIG', `Config ${name} is not a list: it can be set or deleted.`)
  }
  return split(entry.value)
}

function split(value: string): string[] {
  return value.split(',').filter((one) => one !== '')
}
