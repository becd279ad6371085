import { errorCodes } from '@millrace/kafka-protocol'
import { leaderEpochOf } from './leader-epoch.ts'
import type { RequestContext } from './request-context.ts'

/** A partition as Metadata and DescribeTopicPartitions show it: this broker leads it and holds the only replica. */
export function describedPartition(topic: string, partition: number, context: RequestContext) {
  const { nodeId } = context.broker
  return {
    errorCode: errorCodes.NONE,
    partitionIndex: partition,
    leaderId: nodeId,
    leaderEpoch: leaderEpochOf(context.engine, { topic, partition }),
    replicaNodes: [nodeId],
    isrNodes: [nodeId],
    offlineReplicas: [],
  }
}
