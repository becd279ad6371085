import type { GraphEdit } from '../topology/graph.ts'
import { validateName } from '../topology/node-names.ts'

/**
 * The name given, else the next generated one. A number is used up in either case, as in Java: naming one operator leaves the
 * others' names as they are.
 * @throws TopologyError for a name that is not allowed
 */
export function nameOr(graph: GraphEdit, name: string | undefined, prefix: string): string {
  const generated = graph.newProcessorName(prefix)
  return name === undefined ? generated : validateName(name)
}

/** The name given, with a suffix for this part of the operator; else the next generated one. */
export function suffixedNameOr(graph: GraphEdit, name: string | undefined, suffix: string, prefix: string): string {
  const generated = graph.newProcessorName(prefix)
  return name === undefined ? generated : validateName(name + suffix)
}

/** Prefixes of generated names that more than one operator uses. */
export const Prefix = {
  streamSource: 'KSTREAM-SOURCE-',
  streamSink: 'KSTREAM-SINK-',
  streamFilter: 'KSTREAM-FILTER-',
  streamAggregate: 'KSTREAM-AGGREGATE-',
  streamReduce: 'KSTREAM-REDUCE-',
  streamJoin: 'KSTREAM-JOIN-',
  streamLeftJoin: 'KSTREAM-LEFTJOIN-',
  streamMerge: 'KSTREAM-MERGE-',
  tableSource: 'KTABLE-SOURCE-',
  tableAggregate: 'KTABLE-AGGREGATE-',
  tableReduce: 'KTABLE-REDUCE-',
} as const
