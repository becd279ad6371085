// ListConfigResources (74), versions 0–1
// Behaviour
//   * The topics (resource type 2) and the broker (4), of the types asked for; no types: all.
// Version notes
//   * v0 lists client metrics only: there are none.
// Skipped
//   * Client metrics (16), broker loggers (8), groups (32).

import { errorCodes } from '@millrace/kafka-protocol'
import { listConfigResourcesApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import { resourceTypes } from '../resource-types.ts'

export const listConfigResourcesHandler = defineHandler(listConfigResourcesApi, {
  handle(request, context) {
    if (!context.allows('describe', 'cluster', '*')) {
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, configResources: [] }
    }
    const topics = context.engine
      .listTopics()
      .map(({ name }) => ({ resourceName: name, resourceType: resourceTypes.topic }))
    const broker = { resourceName: String(context.broker.nodeId), resourceType: resourceTypes.broker }
    const asked = request.resourceTypes
    const isAsked = (type: number): boolean => context.version > 0 && (asked.length === 0 || asked.includes(type))
    return {
      errorCode: errorCodes.NONE,
      configResources: [...topics, broker].filter(({ resourceType }) => isAsked(resourceType)),
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, configResources: [] }),
})
