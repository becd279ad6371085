// AlterConfigs (33), versions 0–2
// Behaviour
//   * Replaces all configs of a topic: those that are not named go back to their defaults.
// Version notes
//   * v2: flexible.
// Skipped
//   * Configs of the broker: INVALID_REQUEST.

import { alterConfigsApi } from '@millrace/kafka-protocol/messages'
import { alterResource, refuseResources } from '../alter-configs.ts'
import { RequestError } from '../broker-error.ts'
import { defineHandler } from '../handler.ts'

export const alterConfigsHandler = defineHandler(alterConfigsApi, {
  handle(request, context) {
    return {
      responses: request.resources.map((resource) =>
        alterResource(resource, request.validateOnly, context, (set) => {
          const configs: Record<string, string | null> = {}
          for (const name of Object.keys(set)) configs[name] = null
          for (const { name, value } of resource.configs) {
            if (value === null) throw new RequestError('INVALID_REQUEST', `Config ${name} has no value.`)
            configs[name] = value
          }
          return configs
        }),
      ),
    }
  },
  refuse: (request, errorCode) => ({ responses: refuseResources(request.resources, errorCode) }),
})
