import { TopologyError } from '../errors.ts'
import type { GraphEdit } from '../topology/graph.ts'
import type { NodeId } from '../topology/graph-node.ts'
import type { SerdeRef } from '../topology/serde-ref.ts'

/** Where a stream or table stands in the graph, and how its records are written. */
export interface StreamState {
  /** The name of the operator that makes it. */
  readonly name: string
  readonly node: NodeId
  /** Sources from which its partitioning comes; they are co-partitioned with whatever it is joined with. */
  readonly sourceNames: ReadonlySet<string>
  readonly keySerde: SerdeRef
  readonly valueSerde: SerdeRef
}

/**
 * What streams, tables and groupings have in common.
 * @see org.apache.kafka.streams.kstream.internals.AbstractStream
 */
export abstract class DslStream {
  readonly graph: GraphEdit
  readonly state: StreamState

  constructor(graph: GraphEdit, state: StreamState) {
    this.graph = graph
    this.state = state
  }

  /** Notes that the topics of both need equal numbers of partitions. The sources of both. */
  copartitionWith(...others: readonly DslStream[]): ReadonlySet<string> {
    const names = new Set(this.state.sourceNames)
    for (const other of others) {
      if (other.graph !== this.graph) {
        throw new TopologyError(
          `'${this.state.name}' and '${other.state.name}' are of two StreamsBuilders. Make both with the same builder.`,
        )
      }
      for (const name of other.state.sourceNames) names.add(name)
    }
    this.graph.copartition(names)
    return names
  }
}
