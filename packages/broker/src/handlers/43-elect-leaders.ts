// ElectLeaders (43), versions 0–2
// Behaviour
//   * ELECTION_NOT_NEEDED for every partition that is named: the only broker leads all. Null topics: nothing to do.
// Version notes
//   * v1+: an error for the whole; both types of election.  * v2: flexible.
// Skipped
//   * Elections.

import { errorCodes } from '@millrace/kafka-protocol'
import { electLeadersApi } from '@millrace/kafka-protocol/messages'
import { defineHandler } from '../handler.ts'

export const electLeadersHandler = defineHandler(electLeadersApi, {
  handle({ topicPartitions }, context) {
    if (!context.allows('alter', 'cluster', '*')) {
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, replicaElectionResults: [] }
    }
    const replicaElectionResults = (topicPartitions ?? []).map(({ topic, partitions }) => ({
      topic,
      partitionResult: partitions.map((partitionId) => {
        const isThere = partitionId >= 0 && partitionId < (context.engine.describeTopic(topic)?.partitions ?? 0)
        const errorCode = isThere ? errorCodes.ELECTION_NOT_NEEDED : errorCodes.UNKNOWN_TOPIC_OR_PARTITION
        return { partitionId, errorCode }
      }),
    }))
    return { errorCode: errorCodes.NONE, replicaElectionResults }
  },
  refuse: (_request, errorCode) => ({ errorCode, replicaElectionResults: [] }),
})
