// DescribeCluster (60), versions 0–2
// Behaviour
//   * Names this broker as the only one and as controller.
// Version notes
//   * v1+: endpoint type 2 (controllers) is refused with UNSUPPORTED_ENDPOINT_TYPE.
// Skipped
//   * Racks.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeClusterApi } from '@millrace/kafka-protocol/messages'
import { authorizedOperations, operationsNotAsked } from '../authorized-operations.ts'
import { defineHandler } from '../handler.ts'

export const describeClusterHandler = defineHandler(describeClusterApi, {
  handle(request, context) {
    const { broker, connection } = context
    if (request.endpointType !== 1) {
      return { errorCode: errorCodes.UNSUPPORTED_ENDPOINT_TYPE, clusterId: '', brokers: [] }
    }
    return {
      errorCode: errorCodes.NONE,
      clusterId: broker.clusterId,
      controllerId: broker.nodeId,
      brokers: [{ brokerId: broker.nodeId, host: connection.host, port: connection.port }],
      clusterAuthorizedOperations: request.includeClusterAuthorizedOperations
        ? authorizedOperations(context, 'cluster', '*')
        : operationsNotAsked,
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, clusterId: '', brokers: [] }),
})
