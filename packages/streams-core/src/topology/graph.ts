import type { TopologyEdge } from '../edges/topology-edge.ts'
import type { GraphNode, NodeId } from './graph-node.ts'
import { ROOT } from './graph-node.ts'
import { numbered } from './node-names.ts'
import type { TableDefinition, TableDemand } from './tables.ts'

/** An internal topic or store to which no one gave a name. */
export interface ImplicitName {
  readonly changelogTopic?: string
  readonly stateStore?: string
  readonly repartitionTopic?: string
}

/**
 * What the user said: nodes, edges and what was noted on the way. A value: passes give a new one.
 * `priorities` is the order in which nodes are written to a topology, parents before children.
 */
export interface Graph {
  readonly nodes: ReadonlyMap<NodeId, GraphNode>
  readonly children: ReadonlyMap<NodeId, ReadonlySet<NodeId>>
  readonly parents: ReadonlyMap<NodeId, ReadonlySet<NodeId>>
  readonly priorities: ReadonlyMap<NodeId, number>
  readonly tables: readonly TableDefinition[]
  readonly demands: readonly TableDemand[]
  /** Source nodes by name whose topics need equal numbers of partitions. */
  readonly copartitionGroups: readonly ReadonlySet<string>[]
  /** Topics of foreign-key joins. */
  readonly internalTopics: readonly string[]
  readonly implicitNames: readonly ImplicitName[]
  /** The next number of a generated name. */
  readonly nextIndex: number
}

/** A node without its number, which the graph gives. */
export type NewNode = GraphNode extends infer N ? (N extends GraphNode ? Omit<N, 'id'> : never) : never

/**
 * A graph in the making: the builder's while the user calls, or a pass's copy. `graph()` gives what it is now.
 *
 * Names come from one counter in the order of calls: that order, with the numbers that are used up and not seen, is Java's,
 * and so are the names of internal topics.
 */
export class GraphEdit {
  /** What feeds or reads topics beside the topology. */
  readonly edges: TopologyEdge[] = []
  readonly #nodes: Map<NodeId, GraphNode>
  readonly #children: Map<NodeId, Set<NodeId>>
  readonly #parents: Map<NodeId, Set<NodeId>>
  readonly #priorities: Map<NodeId, number>
  readonly #tables: TableDefinition[]
  readonly #demands: TableDemand[]
  #copartitionGroups: readonly ReadonlySet<string>[]
  readonly #internalTopics: string[]
  readonly #implicitNames: ImplicitName[]
  #nextIndex: number
  #nextPriority: number

  constructor(from: Graph = emptyGraph) {
    this.#nodes = new Map(from.nodes)
    this.#children = new Map([...from.children].map(([id, ids]) => [id, new Set(ids)]))
    this.#parents = new Map([...from.parents].map(([id, ids]) => [id, new Set(ids)]))
    this.#priorities = new Map(from.priorities)
    this.#tables = [...from.tables]
    this.#demands = [...from.demands]
    this.#copartitionGroups = from.copartitionGroups
    this.#internalTopics = [...from.internalTopics]
    this.#implicitNames = [...from.implicitNames]
    this.#nextIndex = from.nextIndex
    this.#nextPriority = Math.max(-1, ...from.priorities.values()) + 1
  }

  graph(): Graph {
    return Object.freeze({
      nodes: new Map(this.#nodes),
      children: new Map([...this.#children].map(([id, ids]) => [id, new Set(ids)])),
      parents: new Map([...this.#parents].map(([id, ids]) => [id, new Set(ids)])),
      priorities: new Map(this.#priorities),
      tables: [...this.#tables],
      demands: [...this.#demands],
      copartitionGroups: this.#copartitionGroups,
      internalTopics: [...this.#internalTopics],
      implicitNames: [...this.#implicitNames],
      nextIndex: this.#nextIndex,
    })
  }

  /** The next name with this prefix, `KSTREAM-FILTER-0000000001`. */
  newProcessorName(prefix: string): string {
    return numbered(prefix, this.#nextIndex++)
  }

  /** The next name of a store, `KSTREAM-AGGREGATE-STATE-STORE-0000000003`. */
  newStoreName(prefix: string): string {
    return numbered(`${prefix}STATE-STORE-`, this.#nextIndex++)
  }

  /** A node that is not connected yet. */
  addNode(node: NewNode): NodeId {
    const id = this.#nodes.size
    this.#nodes.set(id, Object.freeze({ ...node, id }))
    this.#children.set(id, new Set())
    this.#parents.set(id, new Set())
    return id
  }

  /** Puts a node below others, as the next one to be written. */
  connect(parents: readonly NodeId[], id: NodeId): void {
    for (const parent of parents) {
      this.addChild(parent, id)
      this.#priorities.set(id, this.#nextPriority++)
    }
  }

  node(id: NodeId): GraphNode {
    return this.#nodes.get(id)!
  }

  nodeIds(): IterableIterator<NodeId> {
    return this.#nodes.keys()
  }

  replaceNode(node: GraphNode): void {
    this.#nodes.set(node.id, Object.freeze(node))
  }

  childrenOf(id: NodeId): readonly NodeId[] {
    return [...this.#children.get(id)!]
  }

  parentsOf(id: NodeId): readonly NodeId[] {
    return [...this.#parents.get(id)!]
  }

  addChild(parent: NodeId, child: NodeId): void {
    this.#children.get(parent)!.add(child)
    this.#parents.get(child)!.add(parent)
  }

  removeChild(parent: NodeId, child: NodeId): void {
    this.#children.get(parent)!.delete(child)
    this.#parents.get(child)!.delete(parent)
  }

  priority(id: NodeId): number {
    return this.#priorities.get(id)!
  }

  setPriority(id: NodeId, priority: number): void {
    this.#priorities.set(id, priority)
  }

  addTable(table: Omit<TableDefinition, 'id'>): number {
    const id = this.#tables.length
    this.#tables.push(Object.freeze({ ...table, id }))
    this.demand(id, 'made')
    return id
  }

  demand(table: number, want: TableDemand['want']): void {
    this.#demands.push({ table, want })
  }

  copartition(sourceNames: Iterable<string>): void {
    this.#copartitionGroups = [...this.#copartitionGroups, new Set(sourceNames)]
  }

  replaceCopartitionSource(replaced: string, by: string): void {
    this.#copartitionGroups = this.#copartitionGroups.map((group) =>
      group.has(replaced) ? new Set([...group].filter((name) => name !== replaced).concat(by)) : group,
    )
  }

  addInternalTopic(topic: string): void {
    this.#internalTopics.push(topic)
  }

  noteImplicitName(name: ImplicitName): void {
    this.#implicitNames.push(name)
  }
}

/** The nearest node that satisfies the predicate: the node itself, else the first one found upwards, depth first. */
export function findUpwards(
  graph: Pick<GraphEdit, 'parentsOf' | 'node'>,
  from: NodeId,
  predicate: (node: GraphNode) => boolean,
  tried: Set<NodeId> = new Set(),
): NodeId | undefined {
  if (predicate(graph.node(from))) return from
  tried.add(from)
  for (const parent of graph.parentsOf(from)) {
    if (tried.has(parent)) continue
    const found = findUpwards(graph, parent, predicate, tried)
    if (found !== undefined) return found
  }
  return undefined
}

const emptyGraph: Graph = Object.freeze({
  nodes: new Map([[ROOT, { kind: 'root', id: ROOT, name: 'root' } as const]]),
  children: new Map([[ROOT, new Set<NodeId>()]]),
  parents: new Map([[ROOT, new Set<NodeId>()]]),
  priorities: new Map([[ROOT, -1]]),
  tables: [],
  demands: [],
  copartitionGroups: [],
  internalTopics: [],
  implicitNames: [],
  nextIndex: 0,
})
