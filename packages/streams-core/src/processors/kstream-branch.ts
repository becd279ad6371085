import type { Predicate } from './functions.ts'
import { holds } from './holds.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards each record to the child of the first predicate that it satisfies; to the child after the last predicate's
 * (the default branch, when there is one) if it satisfies none.
 * @see org.apache.kafka.streams.kstream.internals.KStreamBranch
 */
export function kstreamBranch<K, V>(
  predicates: readonly Predicate<K, V>[],
  childNames: readonly string[],
): ProcessorSupplier<K, V, K, V> {
  return () => new KStreamBranchProcessor(predicates, childNames)
}

class KStreamBranchProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #predicates: readonly Predicate<K, V>[]
  readonly #childNames: readonly string[]
  #context!: ProcessorContext<K, V>

  constructor(predicates: readonly Predicate<K, V>[], childNames: readonly string[]) {
    this.#predicates = predicates
    this.#childNames = childNames
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    const predicates = this.#predicates
    let branch = 0
    while (branch < predicates.length && !holds(predicates[branch]!(record.value, record.key))) branch++
    const child = this.#childNames[branch]
    if (child !== undefined) this.#context.forward(record, child)
  }
}
