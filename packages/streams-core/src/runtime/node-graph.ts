import { InvariantError } from '../errors.ts'
import { AsyncProcessor } from '../processors/async-processor.ts'
import type { ProcessorTopology } from '../topology/processor-topology.ts'
import { AsyncNode } from './async-node.ts'
import type { ChildNode, NodeContext, Scheduler } from './processor-context.ts'
import { ProcessorNode, SinkNode, SourceNode } from './processor-node.ts'
import type { TaskContext } from './task-context.ts'
import { TracedSourceNode } from './traced-source-node.ts'

/** The nodes of one task: instances made from a subtopology's plan and wired to each other. */
export interface NodeGraph {
  /** Parents before children. */
  readonly processors: readonly (ProcessorNode | AsyncNode)[]
  readonly asyncNodes: readonly AsyncNode[]
  readonly sources: readonly SourceNode[]
}

/** Instantiates a plan: calls each processor's supplier once. */
export function buildNodeGraph(
  topology: ProcessorTopology,
  task: TaskContext,
  schedule: Scheduler | undefined,
): NodeGraph {
  const processors: (ProcessorNode | AsyncNode)[] = []
  const sources: SourceNode[] = []
  const nodes = new Map<string, ChildNode>()
  const parents: (readonly [NodeContext, readonly string[]])[] = []
  for (const plan of topology.nodes) {
    switch (plan.kind) {
      case 'source': {
        const { recordTracing } = task.config
        const source =
          recordTracing === undefined ? new SourceNode(plan, task) : new TracedSourceNode(plan, task, recordTracing)
        sources.push(source)
        nodes.set(plan.name, source)
        parents.push([source.context, plan.children])
        break
      }
      case 'processor': {
        const instance = plan.supplier()
        const processor =
          instance instanceof AsyncProcessor
            ? new AsyncNode(plan.name, instance, task, plan.storeNames)
            : new ProcessorNode(plan, instance, task, schedule)
        processors.push(processor)
        nodes.set(plan.name, processor)
        parents.push([processor.context, plan.children])
        break
      }
      case 'sink':
        nodes.set(plan.name, new SinkNode(plan, task))
        break
    }
  }
  for (const [context, children] of parents) {
    for (const name of children) {
      const child = nodes.get(name)
      if (child === undefined)
        throw new InvariantError(`Node '${context.nodeName}' has a child '${name}' that is not in its subtopology.`)
      context.addChild(child)
    }
  }
  const asyncNodes = processors.filter((node) => node instanceof AsyncNode)
  return { processors, asyncNodes, sources }
}

/** The source that reads a topic; undefined when none does. */
export function sourceOf(graph: NodeGraph, topic: string): SourceNode | undefined {
  return (
    graph.sources.find((source) => source.plan.topics.includes(topic)) ??
    graph.sources.find((source) => source.plan.pattern !== undefined && matchesWhole(source.plan.pattern, topic))
  )
}

/** A pattern selects a topic when it matches its whole name, as in Java. */
export function matchesWhole(pattern: RegExp, topic: string): boolean {
  return new RegExp(`^(?:${pattern.source})$`, pattern.flags.replace(/[gy]/g, '')).test(topic)
}
