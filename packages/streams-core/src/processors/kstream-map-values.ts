import type { ValueMapper } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards each record with a new value; key, timestamp and headers pass unchanged. A null value is given to the mapper as null.
 * @see org.apache.kafka.streams.kstream.internals.KStreamMapValues
 */
export function kstreamMapValues<K, V, VOut>(mapper: ValueMapper<K, V, VOut>): ProcessorSupplier<K, V, K, VOut> {
  return () => new KStreamMapValuesProcessor(mapper)
}

class KStreamMapValuesProcessor<K, V, VOut> implements Processor<K, V, K, VOut> {
  readonly #mapper: ValueMapper<K, V, VOut>
  #context!: ProcessorContext<K, VOut>

  constructor(mapper: ValueMapper<K, V, VOut>) {
    this.#mapper = mapper
  }

  init(context: ProcessorContext<K, VOut>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    this.#context.forward(record.withValue(this.#mapper(record.value, record.key)))
  }
}
