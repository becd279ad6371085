import type { Change } from './change.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards each update's new value, null for a deletion.
 * @see org.apache.kafka.streams.kstream.KTable#toStream
 */
export function ktableToStream<K, V>(): ProcessorSupplier<K, Change<V>, K, V | null> {
  return () => new KTableToStreamProcessor()
}

class KTableToStreamProcessor<K, V> implements Processor<K, Change<V>, K, V | null> {
  #context!: ProcessorContext<K, V | null>

  init(context: ProcessorContext<K, V | null>): void {
    this.#context = context
  }

  process(record: Record<K, Change<V>>): void {
    this.#context.forward(record.withValue(record.value.newValue))
  }
}
