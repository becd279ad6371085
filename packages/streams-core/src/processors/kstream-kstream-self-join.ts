import type { WindowStore } from '../state/state-store.ts'
import type { JoinWindows } from '../windows/join-windows.ts'
import type { ValueJoiner } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import { Record } from './record.ts'

export interface KStreamKStreamSelfJoinOptions<K, V, VOut> {
  /** The one store of both sides. */
  readonly storeName: string
  readonly windows: JoinWindows
  readonly joiner: ValueJoiner<K, V, V, VOut>
}

/**
 * Joins a stream with itself out of one store: first the record with the ones before it, then those with the record, and
 * in between, by time, the record with itself. A null key or value is dropped and counted.
 * @see org.apache.kafka.streams.kstream.internals.KStreamKStreamSelfJoin
 */
export function kstreamKstreamSelfJoin<K, V, VOut>(
  options: KStreamKStreamSelfJoinOptions<K, V, VOut>,
): ProcessorSupplier<K, V, K, VOut> {
  return () => new KStreamKStreamSelfJoinProcessor(options)
}

class KStreamKStreamSelfJoinProcessor<K, V, VOut> implements Processor<K, V, K, VOut> {
  readonly #options: KStreamKStreamSelfJoinOptions<K, V, VOut>
  #context!: InternalProcessorContext<K, VOut>
  #store!: WindowStore<K, V>
  #streamTime = -1

  constructor(options: KStreamKStreamSelfJoinOptions<K, V, VOut>) {
    this.#options = options
  }

  init(context: ProcessorContext<K, VOut>): void {
    this.#context = asInternal(context)
    this.#store = context.getStateStore(this.#options.storeName)
  }

  process(record: Record<K, V>): void {
    const { key, value, timestamp } = record
    if (key === null || value === null) {
      this.#context.recordDropped(key === null ? 'null-key' : 'null-value')
      return
    }
    const { windows, joiner } = this.#options
    const { beforeMs, afterMs } = windows
    const joinedWithItself = joiner(value, value, key)
    if (timestamp > this.#streamTime) this.#streamTime = timestamp
    // An expired record does not join with itself.
    let isSelfDue = timestamp > this.#streamTime - windows.sizeMs - windows.gracePeriodMs + 1
    for (const [otherTimestamp, other] of this.#fetch(key, timestamp - beforeMs, timestamp + afterMs)) {
      this.#forward(record, joiner(value, other, key), Math.max(timestamp, otherTimestamp))
    }
    for (const [otherTimestamp, other] of this.#fetch(key, timestamp - afterMs, timestamp + beforeMs)) {
      if (isSelfDue && otherTimestamp > timestamp) {
        isSelfDue = false
        this.#forward(record, joinedWithItself, timestamp)
      }
      this.#forward(record, joiner(other, value, key), Math.max(timestamp, otherTimestamp))
    }
    if (isSelfDue) this.#forward(record, joinedWithItself, timestamp)
  }

  #fetch(key: K, from: number, to: number) {
    return this.#store.fetch(key, Math.max(0, from), Math.max(0, to))
  }

  #forward(record: Record<K, V>, joined: VOut, timestamp: number): void {
    this.#context.forward(new Record(record.key, joined, timestamp, record.headers))
  }
}
