import type { TopologyEdge } from '../edges/topology-edge.ts'
import { TopologyError } from '../errors.ts'
import { DslStream } from './dsl-stream.ts'
import type { KStream } from './kstream.ts'

/** Declares an edge with the topology that a stream belongs to. */
export function addEdge<K, V>(stream: KStream<K, V>, edge: TopologyEdge): void {
  if (!(stream instanceof DslStream)) {
    throw new TopologyError('An edge was given something that is no stream of a StreamsBuilder. Give it a KStream.')
  }
  stream.graph.edges.push(edge)
}
