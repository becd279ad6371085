import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Forwards every record as it is: merge, the ends of joins, branches and cogroups.
 * @see org.apache.kafka.streams.kstream.internals.PassThrough
 */
export function passThrough<K, V>(): ProcessorSupplier<K, V, K, V> {
  return () => new PassThroughProcessor()
}

class PassThroughProcessor<K, V> implements Processor<K, V, K, V> {
  #context!: ProcessorContext<K, V>

  init(context: ProcessorContext<K, V>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    this.#context.forward(record)
  }
}
