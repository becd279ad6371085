import type { KeyValueMapper } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import { Record } from './record.ts'

/**
 * Forwards one record with a new key and value for each record. Timestamp and headers pass unchanged.
 * @throws TypeError (while processing) when the mapper gives no pair.
 * @see org.apache.kafka.streams.kstream.internals.KStreamMap
 */
export function kstreamMap<K, V, KOut, VOut>(
  mapper: KeyValueMapper<K, V, KOut, VOut>,
): ProcessorSupplier<K, V, KOut, VOut> {
  return () => new KStreamMapProcessor(mapper)
}

class KStreamMapProcessor<K, V, KOut, VOut> implements Processor<K, V, KOut, VOut> {
  readonly #mapper: KeyValueMapper<K, V, KOut, VOut>
  #context!: ProcessorContext<KOut, VOut>

  constructor(mapper: KeyValueMapper<K, V, KOut, VOut>) {
    this.#mapper = mapper
  }

  init(context: ProcessorContext<KOut, VOut>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    const pair = this.#mapper(record.value, record.key)
    if (!Array.isArray(pair)) throw new TypeError(`map: the mapper gave ${pair}. Return a pair [key, value].`)
    this.#context.forward(new Record(pair[0], pair[1], record.timestamp, record.headers))
  }
}
