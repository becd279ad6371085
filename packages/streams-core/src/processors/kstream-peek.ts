import type { ForeachAction } from './functions.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import type { Record } from './record.ts'

/**
 * Calls the action for each record, then forwards the record unless `forward` is false (foreach).
 * @see org.apache.kafka.streams.kstream.internals.KStreamPeek
 * @see org.apache.kafka.streams.kstream.internals.ForeachProcessor
 */
export function kstreamPeek<K, V>(action: ForeachAction<K, V>, forward: boolean): ProcessorSupplier<K, V, K, V> {
  return () => new KStreamPeekProcessor(action, forward)
}

class KStreamPeekProcessor<K, V> implements Processor<K, V, K, V> {
  readonly #action: ForeachAction<K, V>
  readonly #forward: boolean
  #context!: ProcessorContext<K, V>

  constructor(action: ForeachAction<K, V>, forward: boolean) {
    this.#action = action
    this.#forward = forward
  }

  init(context: ProcessorContext<K, V>): void {
    this.#context = context
  }

  process(record: Record<K, V>): void {
    this.#action(record.value, record.key)
    if (this.#forward) this.#context.forward(record)
  }
}
