import type { Serde } from '@millrace/serdes'
import type { ValueGetterSupplier } from '../processors/value-getter.ts'
import type { Graph } from './graph.ts'
import type { SerdeRef } from './serde-ref.ts'
import { SerdeResolver } from './serde-resolver.ts'
import type { AnyTableOperator, TableFacts, TableId } from './table-facts.ts'
import { settleTables } from './tables.ts'
import type { TopologySettings } from './topology-settings.ts'
import { findVersionedParents } from './versioned-semantics.ts'
import type { WriteContext } from './write-context.ts'

/**
 * Answers what operators ask when they are made, from a finished graph. A table's operator is made once, when it is first needed.
 * @throws TopologyError for a suppression of a versioned table
 */
export function graphWriteContext(graph: Graph, settings: TopologySettings): WriteContext {
  return new GraphWriteContext(graph, settings)
}

class GraphWriteContext implements WriteContext {
  readonly javaQuirks: boolean
  readonly #graph: Graph
  readonly #serdes: SerdeResolver
  readonly #facts: readonly TableFacts[]
  readonly #operators = new Map<TableId, AnyTableOperator>()
  /** By operator name: the names of its inputs that are versioned tables. */
  readonly #versionedParents: ReadonlyMap<string, ReadonlySet<string>>

  constructor(graph: Graph, settings: TopologySettings) {
    this.javaQuirks = settings.javaQuirks
    this.#graph = graph
    this.#serdes = new SerdeResolver(settings)
    this.#facts = settleTables(graph.tables, graph.demands)
    this.#versionedParents = findVersionedParents(graph)
  }

  table(id: TableId): TableFacts {
    return this.#facts[id]!
  }

  operator(id: TableId): AnyTableOperator {
    let operator = this.#operators.get(id)
    if (operator === undefined) {
      operator = this.#graph.tables[id]!.operator(this)
      this.#operators.set(id, operator)
    }
    return operator
  }

  getter(id: TableId): ValueGetterSupplier<unknown, unknown> {
    return this.operator(id).getter
  }

  isVersioned(operatorName: string, parentName?: string): boolean {
    const parents = this.#versionedParents.get(operatorName)
    if (parents === undefined) return false
    return parentName === undefined ? parents.size > 0 : parents.has(parentName)
  }

  keySerde(ref: SerdeRef, operatorName: string): Serde<unknown> {
    return this.#serdes.resolve(ref, 'key', operatorName)
  }

  valueSerde(ref: SerdeRef, operatorName: string): Serde<unknown> {
    return this.#serdes.resolve(ref, 'value', operatorName)
  }
}
