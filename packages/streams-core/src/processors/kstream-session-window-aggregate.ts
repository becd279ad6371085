import { hasImmutableValues } from '../state/immutable-values.ts'
import type { SessionStore } from '../state/state-store.ts'
import type { SessionWindows } from '../windows/session-windows.ts'
import type { Windowed } from '../windows/window.ts'
import type { Change } from './change.ts'
import type { Aggregator, Initializer, Merger } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { SessionResults, type SessionResultsOptions } from './session-results.ts'
import type { TableOperator } from './table-operator.ts'
import { sessionValueGetter } from './windowed-value-getters.ts'

export interface KStreamSessionWindowAggregateOptions<K, V, A> extends SessionResultsOptions {
  readonly windows: SessionWindows
  readonly initializer: Initializer<A>
  readonly aggregator: Aggregator<K, V, A>
  readonly merger: Merger<K, A>
}

/**
 * Aggregates the records of each key in sessions. A record joins all sessions within the gap around it into one: each of
 * them is removed, and forwarded as removed, before the new one is stored. Results have the session's end as timestamp.
 * A null key is dropped and counted; a null value is aggregated. A record whose session ended before stream time minus
 * grace minus gap is dropped and counted.
 * @see org.apache.kafka.streams.kstream.internals.KStreamSessionWindowAggregate
 */
export function kstreamSessionWindowAggregate<K, V, A>(
  options: KStreamSessionWindowAggregateOptions<K, V, A>,
): TableOperator<K, V, Windowed<K>, A> {
  return {
    supplier: () => new KStreamSessionWindowAggregateProcessor(options),
    getter: sessionValueGetter(options.storeName),
  }
}

class KStreamSessionWindowAggregateProcessor<K, V, A> implements Processor<K, V, Windowed<K>, Change<A>> {
  readonly #options: KStreamSessionWindowAggregateOptions<K, V, A>
  #context!: InternalProcessorContext<Windowed<K>, Change<A>>
  #store!: SessionStore<K, A>
  #results!: SessionResults<K, A>
  #streamTime = -1

  constructor(options: KStreamSessionWindowAggregateOptions<K, V, A>) {
    this.#options = options
  }

  init(context: ProcessorContext<Windowed<K>, Change<A>>): void {
    this.#context = asInternal(context)
    this.#store = context.getStateStore(this.#options.storeName)
    this.#results = new SessionResults(context, this.#store, this.#options)
  }

  process(record: Record<K, V>): void {
    if (record.key === null) {
      this.#context.recordDropped('null-key')
      return
    }
    const { windows, quirks } = this.#options
    if (record.timestamp > this.#streamTime) this.#streamTime = record.timestamp
    const closeTime = this.#streamTime - windows.gracePeriodMs - windows.inactivityGapMs
    if (!quirks) this.#results.emitClosed(record, this.#streamTime, closeTime)
    this.#aggregate(record, closeTime)
    if (quirks) this.#results.emitClosed(record, this.#streamTime, closeTime)
  }

  #aggregate(record: Record<K, V>, closeTime: number): void {
    const { key, timestamp } = record
    const { windows, initializer, merger, aggregator } = this.#options
    const merged: [Windowed<K>, A][] = []
    let start = timestamp
    let end = timestamp
    let aggregate = initializer()
    const gap = windows.inactivityGapMs
    for (const session of this.#store.findSessions(key, timestamp - gap, timestamp + gap)) {
      merged.push(session)
      aggregate = merger(aggregate, session[1], key)
      start = Math.min(start, session[0].window.start)
      end = Math.max(end, session[0].window.end)
    }
    if (end < closeTime) {
      this.#context.recordDropped('window-closed')
      return
    }
    // A session of this very instant is replaced without being removed first.
    if (start !== end) for (const session of merged) this.#remove(session)
    const session = { key, window: { start, end } }
    aggregate = aggregator(aggregate, record.value, key)
    this.#store.put(session, aggregate)
    this.#results.update(session, null, aggregate)
  }

  #remove([session, value]: [Windowed<K>, A]): void {
    const { key, window } = session
    // The merger may have changed the aggregate in place.
    const isReread = this.#options.sendOldValues && !hasImmutableValues(this.#store)
    const oldValue = isReread ? this.#store.fetchSession(key, window.start, window.end) : value
    this.#store.remove(session)
    this.#results.update(session, oldValue, null)
  }
}
