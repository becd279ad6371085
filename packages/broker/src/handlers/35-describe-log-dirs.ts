// DescribeLogDirs (35), versions 1–4
// Behaviour
//   * The sizes of partitions, null topics: of all. The one directory is called `/`: where it is, is nobody's business.
// Version notes
//   * v3+: an error for the whole.  * v4: the size of the volume is not told.
// Skipped
//   * Cordoned directories (v5).

import { errorCodes } from '@millrace/kafka-protocol'
import { describeLogDirsApi, type RequestOf } from '@millrace/kafka-protocol/messages'
import { EngineError } from '@millrace/log-engine'
import { defineHandler } from '../handler.ts'
import type { RequestContext } from '../request-context.ts'

type Asked = NonNullable<RequestOf<typeof describeLogDirsApi>['topics']>[number]

export const describeLogDirsHandler = defineHandler(describeLogDirsApi, {
  maxVersion: 4,
  handle(request, context) {
    if (!context.allows('describe', 'cluster', '*'))
      return { errorCode: errorCodes.CLUSTER_AUTHORIZATION_FAILED, results: [] }
    const topics = (request.topics ?? everything(context)).map(({ topic, partitions }) => ({
      name: topic,
      partitions: partitions.flatMap((partition) => sizeOf(topic, partition, context)),
    }))
    const known = topics.filter(({ partitions }) => partitions.length > 0)
    return { results: [{ errorCode: errorCodes.NONE, logDir: '/', topics: known }] }
  },
  refuse: (_request, errorCode) => ({ errorCode, results: [] }),
})

function everything({ engine }: RequestContext): Asked[] {
  return engine.listTopics().map(({ name, partitions }) => ({
    topic: name,
    partitions: Array.from({ length: partitions }, (_, partition) => partition),
  }))
}

/** Partitions that are not there are left out, as Kafka does. */
function sizeOf(topic: string, partition: number, { engine }: RequestContext) {
  try {
    const partitionSize = engine.sizeInBytes({ topic, partition })
    return [{ partitionIndex: partition, partitionSize, offsetLag: 0, isFutureKey: false }]
  } catch (error) {
    if (error instanceof EngineError && error.code === 'UNKNOWN_TOPIC_OR_PARTITION') return []
    throw error
  }
}
