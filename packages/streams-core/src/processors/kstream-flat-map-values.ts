import type { FlatValueMapper } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards any number of values for each record, with the record's key, timestamp and headers.
 * @throws TypeError (while processing) when the mapper gives null.
 * @see org.apache.kafka.streams.kstream.internals.KStreamFlatMapValues
 */
export function kstreamFlatMapValues<K, V, VOut>(
  mapper: FlatValueMapper<K, V, VOut>,
): ProcessorSupplier<K, V, K, VOut> {
  return () => new KStreamFlatMapValuesProcessor(mapper)
}

class KStreamFlatMapValuesProcessor<K, V, VOut> implements Processor<K, V, K, VOut> {
  readonly #mapper: FlatValueMapper<K, V, VOut>
  #context!: ProcessorContext<K, VOut>

  constructor(mapper: FlatValueMapper<K, V, VOut>) {
    this.#mapper = mapper
  }

  init(context: ProcessorContext<K, VOut>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    const values = this.#mapper(record.value, record.key)
    if (!values) throw new TypeError(`flatMapValues: the mapper gave ${values}. Return a list, empty for none.`)
    for (const value of values) this.#context.forward(record.withValue(value))
  }
}
