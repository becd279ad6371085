import type { Headers } from '@millrace/serdes'
import { type FlushListener, setFlushListener } from '../state/flush-listener.ts'
import type { StateStore } from '../state/state-store.ts'
import type { ValueAndTimestamp } from '../state/value-and-timestamp.ts'
import { Change } from './change.ts'
import type { ProcessorContext } from './processor.ts'
import { Record } from './record.ts'

/**
 * Forwards a table's updates: at once when its store has no cache, else when they leave the cache.
 * @see org.apache.kafka.streams.kstream.internals.TimestampedTupleForwarder
 */
export class TableForwarder<K, V> {
  readonly #context: ProcessorContext<K, Change<V>>
  readonly #sendOldValues: boolean
  readonly #cached: boolean

  /** `store` undefined: never through a cache. */
  constructor(context: ProcessorContext<K, Change<V>>, store: StateStore | undefined, sendOldValues: boolean) {
    this.#context = context
    this.#sendOldValues = sendOldValues
    this.#cached = store !== undefined && setFlushListener(store, this.#onFlush, sendOldValues)
  }

  maybeForward(
    key: K,
    newValue: V | null,
    oldValue: V | null,
    isLatest: boolean,
    timestamp: number,
    headers: Headers,
  ): void {
    if (this.#cached) return
    const change = new Change(newValue, this.#sendOldValues ? oldValue : null, isLatest)
    this.#context.forward(new Record(key, change, timestamp, headers))
  }

  readonly #onFlush: FlushListener<K, ValueAndTimestamp<V>> = (key, newValue, oldValue, timestamp, headers) => {
    const change = new Change(newValue === null ? null : newValue.value, oldValue === null ? null : oldValue.value)
    this.#context.forward(new Record(key, change, newValue === null ? timestamp : newValue.timestamp, headers))
  }
}
