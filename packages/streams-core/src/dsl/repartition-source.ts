import type { StreamPartitioner } from '../topology/extension-points.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { RepartitionNode } from '../topology/graph-node.ts'
import { isGeneratedStreamName, REPARTITION_SUFFIX } from '../topology/node-names.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'
import { Prefix } from './names.ts'

/** What is known of a repartition topic that the DSL makes. */
export interface RepartitionRequest {
  /** The topic's name without suffix. */
  readonly topicPrefix: string
  /** The user gave the name, or that of the store which it comes from. */
  readonly isNamedByUser: boolean
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
  readonly optimizable: boolean
  readonly partitions?: number | undefined
  readonly partitioner?: StreamPartitioner<unknown, unknown> | undefined
}

/**
 * A node that sends records through a topic, not yet connected. Three numbers are used up for its sink, filter and source;
 * they are seen only when the topic's name is generated too.
 */
export function repartitionNode(graph: GraphEdit, request: RepartitionRequest): Omit<RepartitionNode, 'id'> {
  const { topicPrefix, isNamedByUser, keySerde, valueSerde, optimizable, partitions, partitioner } = request
  const topic = topicPrefix.endsWith(REPARTITION_SUFFIX) ? topicPrefix : topicPrefix + REPARTITION_SUFFIX
  if (!isNamedByUser) graph.noteImplicitName({ repartitionTopic: topic })
  const generated = {
    sinkName: graph.newProcessorName(Prefix.streamSink),
    filterName: graph.newProcessorName(Prefix.streamFilter),
    sourceName: graph.newProcessorName(Prefix.streamSource),
  }
  const names = isGeneratedStreamName(topicPrefix)
    ? generated
    : { sinkName: `${topic}-sink`, filterName: `${topic}-filter`, sourceName: `${topic}-source` }
  return {
    kind: 'repartition',
    name: names.sourceName,
    ...names,
    optimizable,
    dropsNullKeys: false,
    topic,
    partitions,
    keySerde,
    valueSerde,
    carriesChanges: false,
    partitioner,
  }
}
