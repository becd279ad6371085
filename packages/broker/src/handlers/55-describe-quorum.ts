// DescribeQuorum (55), versions 0–2
// Behaviour
//   * `__cluster_metadata`-0 as a quorum of one: this broker leads, and has all that there is. Other topics:
//     UNKNOWN_TOPIC_OR_PARTITION.
// Version notes
//   * v1+: when the voter has fetched last; now.  * v2: directory ids, which are zero, and the voter's address.
// Skipped
//   * The offsets are 0: topics are kept in a partition of this broker's own, which is not Kafka's metadata log.

import { errorCodes } from '@millrace/kafka-protocol'
import { describeQuorumApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

const metadataTopic = '__cluster_metadata'

export const describeQuorumHandler = defineHandler(describeQuorumApi, {
  handle(request, context) {
    if (!context.allows('describe', 'cluster', '*')) {
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, topics: [] }
    }
    const { nodeId } = context.broker
    const { host, port } = context.connection
    return {
      errorCode: errorCodes.NONE,
      topics: request.topics.map(({ topicName, partitions }) => ({
        topicName,
        partitions: partitions.map(({ partitionIndex }) => quorum(topicName, partitionIndex, context)),
      })),
      nodes: [{ nodeId, listeners: [{ name: 'CONTROLLER', host, port }] }],
    }
  },
  refuse: (_request, errorCode) => ({ errorCode, topics: [] }),
})

function quorum(topic: string, partitionIndex: number, { broker }: RequestContext) {
  const nobody = { leaderId: -1, leaderEpoch: -1, highWatermark: -1, currentVoters: [], observers: [] }
  if (topic !== metadataTopic || partitionIndex !== 0) {
    return { partitionIndex, errorCode: errorCodes.UNKNOWN_TOPIC_OR_PARTITION, ...nobody }
  }
  const now = broker.time.now()
  const voter = { replicaId: broker.nodeId, logEndOffset: 0, lastFetchTimestamp: now, lastCaughtUpTimestamp: now }
  return {
    partitionIndex,
    errorCode: errorCodes.NONE,
    leaderId: broker.nodeId,
    leaderEpoch: 0,
    highWatermark: 0,
    currentVoters: [voter],
    observers: [],
  }
}
