import type { Predicate } from './functions.ts'
import { holds } from './holds.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards the records which satisfy (or, when `negate`, do not satisfy) the predicate.
 * Stateless; key, timestamp and headers pass unchanged. A null value is given to the predicate as null.
 * @see org.apache.kafka.streams.kstream.internals.KStreamFilter
 */
export function kstreamFilter<K, V>(predicate: Predicate<K, V>, negate: boolean): ProcessorSupplier<K, V, K, V> {
  return () => new KStreamFilterProcessor(predicate, negate)
}

class KStreamFilterProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #predicate: Predicate<K, V>
  readonly #negate: boolean
  #context!: ProcessorContext<K, V>

  constructor(predicate: Predicate<K, V>, negate: boolean) {
    this.#predicate = predicate
    this.#negate = negate
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    if (holds(this.#predicate(record.value, record.key)) !== this.#negate) this.#context.forward(record)
  }
}
