import { StreamsBuilder, type StreamsProperties, type Topology } from '@millrace/streams-core'
import { aggregateStep } from './aggregate-steps.ts'
import type { CaseFile, FnSpec, ObservedRecord, ScalarSpec, SerdeName, Step } from './case-file.ts'
import type { CaseNode, NodeSerdes } from './case-node.ts'
import { sourceStep } from './source-steps.ts'
import { streamStep } from './stream-steps.ts'
import { tableStep } from './table-steps.ts'
import type { Value } from './value.ts'

/** The serdes with which the records of a topic are written. */
export interface TopicSerdes {
  readonly key: SerdeName
  readonly value: SerdeName
}

/**
 * Turns a case's steps into calls of the public DSL, and keeps what reading the results needs: the serdes of its source and
 * sink topics, the names of its stores, and what `peek` and `foreach` saw.
 */
export class CaseBuilder {
  readonly builder: StreamsBuilder
  readonly defaults: TopicSerdes
  readonly sources = new Map<string, TopicSerdes>()
  readonly sinks = new Map<string, TopicSerdes & Pick<NodeSerdes, 'keyWindow'>>()
  readonly storeNames = new Set<string>()
  readonly observed = new Map<string, ObservedRecord[]>()
  /** The index of the input in process, as the cause of what is observed. */
  at = -1
  readonly #nodes = new Map<string, CaseNode>()

  constructor(properties: StreamsProperties, defaults: TopicSerdes) {
    this.builder = new StreamsBuilder(properties)
    this.defaults = defaults
  }

  /** Makes all steps, in their order, and the topology. */
  build(steps: CaseFile['topology']): Topology {
    for (const step of steps) {
      const made = this.#make(step)
      if (made !== undefined) this.setNode(step.id, made)
    }
    return this.builder.build()
  }

  #make(step: Step): CaseNode | undefined {
    if (step.from === undefined) return sourceStep(this, step)
    const first = this.nodesFrom(step)[0]!
    switch (first.kind) {
      case 'stream':
        return streamStep(this, step, first)
      case 'table':
        return tableStep(this, step, first)
      case 'globalTable':
        throw new RangeError(`step ${step.id}: nothing follows a global table alone`)
      default:
        return aggregateStep(this, step, first)
    }
  }

  setNode(id: string, node: CaseNode): void {
    this.#nodes.set(id, node)
  }

  /** What the steps named in `from` made. @throws RangeError for a step that does not exist. */
  nodesFrom(step: Step): readonly CaseNode[] {
    const ids = typeof step.from === 'string' ? [step.from] : (step.from ?? [])
    return ids.map((id) => {
      const node = this.#nodes.get(id)
      if (node === undefined) throw new RangeError(`step ${step.id}: there is no step ${id}`)
      return node
    })
  }

  /** An action for `peek` and `foreach` that keeps what it sees under the step's label. */
  observer(step: Step): (value: Value, key: Value) => void {
    const seen = this.observed.get(step.collect!) ?? []
    this.observed.set(step.collect!, seen)
    return (value, key) => seen.push({ key, value, at: this.at })
  }

  /** Notes how a sink topic's records are decoded. */
  addSink(topic: string, step: Step, input: NodeSerdes): void {
    this.sinks.set(topic, {
      key: step.keySerde ?? input.keySerde ?? this.defaults.key,
      value: step.valueSerde ?? input.valueSerde ?? this.defaults.value,
      keyWindow: input.keyWindow,
    })
  }
}

/** The one function of a step's field. @throws RangeError when it is a chain or absent. */
export function oneFunction(step: Step, spec: ScalarSpec | undefined): FnSpec {
  if (spec === undefined || Array.isArray(spec)) throw new RangeError(`step ${step.id} needs one function`)
  return spec as FnSpec
}
