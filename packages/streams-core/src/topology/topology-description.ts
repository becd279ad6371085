import { javaHashCopyOrder, javaHashOrder } from './java-hash-order.ts'
import { JavaTreeSet } from './java-tree-set.ts'
import { patternText, type TopologyNode } from './topology-node.ts'

/** A node as described; predecessors and successors by name, in the order in which Java prints them. */
export type NodeDescription = SourceDescription | ProcessorDescription | SinkDescription

/** A source of a topology. @see org.apache.kafka.streams.TopologyDescription.Source */
export interface SourceDescription {
  readonly kind: 'source'
  readonly name: string
  /** Undefined for a pattern. */
  readonly topics: readonly string[] | undefined
  readonly pattern: RegExp | undefined
  readonly successors: readonly string[]
}

/** A processor of a topology, with its stores. @see org.apache.kafka.streams.TopologyDescription.Processor */
export interface ProcessorDescription {
  readonly kind: 'processor'
  readonly name: string
  readonly stores: readonly string[]
  readonly predecessors: readonly string[]
  readonly successors: readonly string[]
}

/** A sink of a topology. @see org.apache.kafka.streams.TopologyDescription.Sink */
export interface SinkDescription {
  readonly kind: 'sink'
  readonly name: string
  /** Undefined where a function gives each record's topic. */
  readonly topic: string | undefined
  readonly extractorName: string | undefined
  readonly predecessors: readonly string[]
}

/** Nodes that belong together: one task runs them for one partition. @see org.apache.kafka.streams.TopologyDescription.Subtopology */
export interface SubtopologyDescription {
  readonly id: number
  /** By the number of nodes below, greatest first, then by name. */
  readonly nodes: readonly NodeDescription[]
}

/** A global store with what fills it. @see org.apache.kafka.streams.TopologyDescription.GlobalStore */
export interface GlobalStoreDescription {
  readonly id: number
  readonly source: SourceDescription
  readonly processor: ProcessorDescription
}

/** @see org.apache.kafka.streams.TopologyDescription — `toString()` gives the same text, byte by byte. */
export interface TopologyDescription {
  readonly subtopologies: readonly SubtopologyDescription[]
  readonly globalStores: readonly GlobalStoreDescription[]
  toString(): string
}

/** A group of nodes to be described, with the stores of its processors. */
export interface DescribedGroup {
  readonly id: number
  readonly nodes: readonly TopologyNode[]
  readonly isGlobal: boolean
}

/** Describes groups of nodes; `storesOf` gives a processor's stores in the order in which they were connected. */
export function describeTopology(
  groups: readonly DescribedGroup[],
  storesOf: (processorName: string) => readonly string[],
): TopologyDescription {
  const subtopologies: SubtopologyDescription[] = []
  const globalStores: GlobalStoreDescription[] = []
  for (const { id, nodes, isGlobal } of groups) {
    const described = describeNodes(nodes, storesOf)
    if (!isGlobal) {
      subtopologies.push({ id, nodes: described })
      continue
    }
    const source = described.find((node) => node.kind === 'source')
    const processor = described.find((node) => node.kind === 'processor')
    if (source !== undefined && processor !== undefined) globalStores.push({ id, source, processor })
  }
  return { subtopologies, globalStores, toString: () => topologyText(subtopologies, globalStores) }
}

/** A node while the ones above and below it are being found. `size` counts the nodes below, once for each way down. */
interface Draft {
  readonly node: TopologyNode
  readonly predecessors: JavaTreeSet<Draft>
  readonly successors: JavaTreeSet<Draft>
  size: number
}

function bySize(a: Draft, b: Draft): number {
  if (a.size !== b.size) return b.size - a.size
  return a.node.name < b.node.name ? -1 : a.node.name > b.node.name ? 1 : 0
}

function grow(draft: Draft, size: number): void {
  draft.size += size
  for (const predecessor of draft.predecessors) grow(predecessor, size)
}

function describeNodes(
  nodes: readonly TopologyNode[],
  storesOf: (processorName: string) => readonly string[],
): readonly NodeDescription[] {
  const byName = new Map(nodes.map((node) => [node.name, node]))
  const drafts = new Map<string, Draft>()
  for (const name of javaHashOrder(javaHashOrder(byName.keys()))) {
    const node = byName.get(name)!
    drafts.set(name, { node, predecessors: new JavaTreeSet(bySize), successors: new JavaTreeSet(bySize), size: 1 })
  }
  for (const draft of drafts.values()) {
    for (const name of draft.node.predecessors) {
      const predecessor = drafts.get(name)!
      draft.predecessors.add(predecessor)
      predecessor.successors.add(draft)
      grow(predecessor, draft.size)
    }
  }
  return [...drafts.values()].sort(bySize).map((draft) => describeNode(draft, storesOf))
}

function describeNode(draft: Draft, storesOf: (processorName: string) => readonly string[]): NodeDescription {
  const { node } = draft
  const predecessors = [...draft.predecessors].map((each) => each.node.name)
  const successors = [...draft.successors].map((each) => each.node.name)
  switch (node.kind) {
    case 'source': {
      const topics = node.pattern === undefined ? javaHashCopyOrder(node.topics) : undefined
      return { kind: 'source', name: node.name, topics, pattern: node.pattern, successors }
    }
    case 'processor': {
      const stores = javaHashCopyOrder(javaHashOrder(storesOf(node.name)))
      return { kind: 'processor', name: node.name, stores, predecessors, successors }
    }
    case 'sink': {
      const topic = typeof node.topic === 'string' ? node.topic : undefined
      const extractorName = typeof node.topic === 'string' ? undefined : node.topic.name || 'TopicNameExtractor'
      return { kind: 'sink', name: node.name, topic, extractorName, predecessors }
    }
  }
}

function topologyText(
  subtopologies: readonly SubtopologyDescription[],
  globalStores: readonly GlobalStoreDescription[],
): string {
  const parts = [
    ...subtopologies.map(({ id, nodes }) => ({
      id,
      text: `Sub-topology: ${id}\n${nodes.map((node) => `    ${nodeText(node)}\n`).join('')}\n`,
    })),
    ...globalStores.map(({ id, source, processor }) => ({
      id,
      text: `Sub-topology: ${id} for global store (will not generate tasks)\n    ${nodeText(source)}\n    ${nodeText(processor)}\n`,
    })),
  ]
  parts.sort((a, b) => a.id - b.id)
  return `Topologies:\n ${parts.map(({ text }) => `  ${text}`).join('')}`
}

function nodeText(node: NodeDescription): string {
  switch (node.kind) {
    case 'source': {
      const topics = node.topics === undefined ? patternText(node.pattern!) : `[${node.topics.join(', ')}]`
      return `Source: ${node.name} (topics: ${topics})\n      --> ${names(node.successors)}`
    }
    case 'processor':
      return `Processor: ${node.name} (stores: [${node.stores.join(', ')}])\n      --> ${names(node.successors)}\n      <-- ${names(node.predecessors)}`
    case 'sink': {
      const where = node.topic === undefined ? `extractor class: ${node.extractorName}` : `topic: ${node.topic}`
      return `Sink: ${node.name} (${where})\n      <-- ${names(node.predecessors)}`
    }
  }
}

function names(list: readonly string[]): string {
  return list.length === 0 ? 'none' : list.join(', ')
}
