import type { KeyMapper } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards each record with a new key; value, timestamp and headers pass unchanged. The new key may be null.
 * @see org.apache.kafka.streams.kstream.KStream#selectKey — a map there.
 */
export function kstreamSelectKey<K, V, KOut>(mapper: KeyMapper<K, V, KOut>): ProcessorSupplier<K, V, KOut, V> {
  return () => new KStreamSelectKeyProcessor(mapper)
}

class KStreamSelectKeyProcessor<K, V, KOut> implements Processor<K, V, KOut, V> {
  readonly #mapper: KeyMapper<K, V, KOut>
  #context!: ProcessorContext<KOut, V>

  constructor(mapper: KeyMapper<K, V, KOut>) {
    this.#mapper = mapper
  }

  init(context: ProcessorContext<KOut, V>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    this.#context.forward(record.withKey(this.#mapper(record.value, record.key)))
  }
}
