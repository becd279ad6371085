import { hasImmutableValues } from '../state/immutable-values.ts'
import type { SessionStore } from '../state/state-store.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { SessionWindows } from '../windows/session-windows.ts'
import type { Windowed } from '../windows/window.ts'
import type { Change } from './change.ts'
import { CloseEmission } from './close-emission.ts'
import type { Aggregator, Initializer, Merger } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { SessionForwarder } from './session-forwarder.ts'
import type { TableOperator } from './table-operator.ts'
import { sessionValueGetter } from './windowed-value-getters.ts'

export interface KStreamSessionWindowAggregateOptions<K, V, A> {
  readonly windows: SessionWindows
  readonly storeName: string
  readonly emitStrategy: EmitStrategy
  readonly initializer: Initializer<A>
  readonly aggregator: Aggregator<K, V, A>
  readonly merger: Merger<K, A>
  readonly sendOldValues: boolean
  /** Emit on close as Java does: after the record that closes sessions is stored, and never before the interval is over. */
  readonly quirks: boolean
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
  #forwarder!: SessionForwarder<K, A>
  #emission: CloseEmission | undefined
  #streamTime = -1

  constructor(options: KStreamSessionWindowAggregateOptions<K, V, A>) {
    this.#options = options
  }

  init(context: ProcessorContext<Windowed<K>, Change<A>>): void {
    const { storeName, emitStrategy, sendOldValues } = this.#options
    this.#context = asInternal(context)
    this.#store = context.getStateStore(storeName)
    if (emitStrategy === 'onWindowClose') this.#emission = new CloseEmission(this.#context, storeName)
    const cached = this.#emission === undefined ? this.#store : undefined
    this.#forwarder = new SessionForwarder(context, cached, sendOldValues)
  }

  process(record: Record<K, V>): void {
    if (record.key === null) {
      this.#context.recordDropped()
      return
    }
    const { inactivityGapMs, gracePeriodMs } = this.#options.windows
    if (record.timestamp > this.#streamTime) this.#streamTime = record.timestamp
    const closeTime = this.#streamTime - gracePeriodMs - inactivityGapMs
    if (!this.#options.quirks) this.#emitClosed(record, closeTime)
    this.#aggregate(record, closeTime)
    if (this.#options.quirks) this.#emitClosed(record, closeTime)
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
      this.#context.recordDropped()
      return
    }
    // A session of this very instant is replaced without being removed first.
    if (start !== end) for (const session of merged) this.#remove(session)
    const session = { key, window: { start, end } }
    aggregate = aggregator(aggregate, record.value, key)
    this.#store.put(session, aggregate)
    this.#forwardUpdate(session, null, aggregate)
  }

  #remove([session, value]: [Windowed<K>, A]): void {
    const { key, window } = session
    const { sendOldValues } = this.#options
    // The merger may have changed the aggregate in place.
    const reread = sendOldValues && !hasImmutableValues(this.#store)
    const oldValue = reread ? this.#store.fetchSession(key, window.start, window.end) : value
    this.#store.remove(session)
    this.#forwardUpdate(session, oldValue, null)
  }

  #forwardUpdate(session: Windowed<K>, oldValue: A | null, newValue: A | null): void {
    if (this.#emission === undefined) this.#forwarder.maybeForward(session, newValue, oldValue)
  }

  /**
   * Sessions that have closed cannot be joined by the record any more: they leave before it is stored, and before the interval
   * is over when storing it could push them out of the store's retention.
   */
  #emitClosed(record: Record<K, V>, closeTime: number): void {
    const emission = this.#emission
    if (emission === undefined) return
    const from = Math.max(0, emission.lastCloseTime)
    const isUrgent = !this.#options.quirks && from <= this.#streamTime - this.#store.retentionMs
    if (!emission.isDue(closeTime, isUrgent) || closeTime <= from) return
    for (const [session, value] of this.#store.findSessionsByEnd(from, closeTime - 1)) {
      this.#forwarder.forward(session, value, record.headers)
    }
    emission.emitted(closeTime)
  }
}
