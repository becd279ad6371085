import type { FlatKeyValueMapper } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import { Record } from './record.ts'

/**
 * Forwards any number of records for each record, with the record's timestamp and headers.
 * @throws TypeError (while processing) when the mapper gives null.
 * @see org.apache.kafka.streams.kstream.internals.KStreamFlatMap
 */
export function kstreamFlatMap<K, V, KOut, VOut>(
  mapper: FlatKeyValueMapper<K, V, KOut, VOut>,
): ProcessorSupplier<K, V, KOut, VOut> {
  return () => new KStreamFlatMapProcessor(mapper)
}

class KStreamFlatMapProcessor<K, V, KOut, VOut> implements Processor<K, V, KOut, VOut> {
  readonly #mapper: FlatKeyValueMapper<K, V, KOut, VOut>
  #context!: ProcessorContext<KOut, VOut>

  constructor(mapper: FlatKeyValueMapper<K, V, KOut, VOut>) {
    this.#mapper = mapper
  }

  init(context: ProcessorContext<KOut, VOut>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    const pairs = this.#mapper(record.value, record.key)
    if (!pairs) throw new TypeError(`flatMap: the mapper gave ${pairs}. Return a list of pairs, empty for none.`)
    for (const pair of pairs) this.#context.forward(new Record(pair[0], pair[1], record.timestamp, record.headers))
  }
}
