import type { Predicate } from '../processors/functions.ts'
import { kstreamBranch } from '../processors/kstream-branch.ts'
import { passThrough } from '../processors/pass-through.ts'
import type { NodeId, SupplierPart } from '../topology/graph-node.ts'
import type { Branched } from './branched.ts'
import type { BranchedKStream } from './branched-kstream.ts'
import type { KStream } from './kstream.ts'
import { addOperator, KStreamImpl } from './kstream-impl.ts'

/** Collects branches; the operator that sends records to them is made when the topology is written, with all that were added. */
export class BranchedKStreamImpl<K, V> implements BranchedKStream<K, V> {
  readonly #source: KStreamImpl<K, V>
  readonly #splitterName: string
  readonly #splitter: NodeId
  readonly #predicates: Predicate<K, V>[] = []
  readonly #childNames: string[] = []
  readonly #branches = new Map<string, KStream<K, V>>()

  constructor(source: KStreamImpl<K, V>, splitterName: string) {
    const { graph, state } = source
    const supplier = () => kstreamBranch([...this.#predicates], [...this.#childNames]) as SupplierPart
    const processor = { name: splitterName, supplier }
    this.#source = source
    this.#splitterName = splitterName
    this.#splitter = graph.addNode({ kind: 'operator', name: splitterName, processor })
    graph.connect([state.node], this.#splitter)
  }

  branch(predicate: Predicate<K, V>, branched: Branched<K, V> = {}): BranchedKStream<K, V> {
    this.#predicates.push(predicate)
    this.#add(branched, this.#predicates.length)
    return this
  }

  defaultBranch(branched: Branched<K, V> = {}): ReadonlyMap<string, KStream<K, V>> {
    this.#add(branched, 0)
    return this.#branches
  }

  noDefaultBranch(): ReadonlyMap<string, KStream<K, V>> {
    return this.#branches
  }

  #add({ name, withFunction, withConsumer }: Branched<K, V>, number: number): void {
    const { graph, state } = this.#source
    const childName = this.#splitterName + (name ?? number)
    this.#childNames.push(childName)
    graph.newProcessorName(childName)
    const node = addOperator(graph, [this.#splitter], childName, passThrough())
    const branch: KStream<K, V> = new KStreamImpl<K, V>(graph, { ...state, name: childName, node })
    if (withFunction !== undefined) {
      const made = withFunction(branch)
      if (made !== null) this.#branches.set(childName, made)
    } else if (withConsumer !== undefined) withConsumer(branch)
    else this.#branches.set(childName, branch)
  }
}
