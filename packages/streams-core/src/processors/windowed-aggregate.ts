import { hasImmutableValues } from '../state/immutable-values.ts'
import type { TimestampedWindowStore } from '../state/state-store.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { Window, Windowed } from '../windows/window.ts'
import type { Change } from './change.ts'
import { CloseEmission } from './close-emission.ts'
import type { Aggregator, Initializer } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { Processor, ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { TableForwarder } from './table-forwarder.ts'

export interface WindowedAggregateOptions<K, V, A> {
  readonly storeName: string
  readonly emitStrategy: EmitStrategy
  readonly initializer: Initializer<A>
  readonly aggregator: Aggregator<K, V, A>
  readonly sendOldValues: boolean
  /** Emit on close as Java does: after the record that closes windows is stored, which can push their results out of the store. */
  readonly quirks: boolean
}

/**
 * What aggregations over time and sliding windows share: stream time, forwarding, and emission on close.
 *
 *   onWindowUpdate   every stored update is forwarded (or leaves through the cache)
 *   onWindowClose    results whose window has closed are read from the store and forwarded, by window start, then key
 *
 * @see org.apache.kafka.streams.kstream.internals.AbstractKStreamTimeWindowAggregateProcessor
 */
export abstract class WindowedAggregateProcessor<K, V, A> implements Processor<K, V, Windowed<K>, Change<A>> {
  protected readonly options: WindowedAggregateOptions<K, V, A>
  protected context!: InternalProcessorContext<Windowed<K>, Change<A>>
  protected store!: TimestampedWindowStore<K, A>
  protected streamTime = -1
  /** User code may change an aggregate in place, so what must stay as stored is read again. */
  protected valuesCanChange!: boolean
  #forwarder!: TableForwarder<Windowed<K>, A>
  #emission: CloseEmission | undefined
  #retentionMs!: number

  constructor(options: WindowedAggregateOptions<K, V, A>) {
    this.options = options
  }

  init(context: ProcessorContext<Windowed<K>, Change<A>>): void {
    const { storeName, emitStrategy, sendOldValues } = this.options
    this.context = asInternal(context)
    this.store = context.getStateStore(storeName)
    this.valuesCanChange = !hasImmutableValues(this.store)
    this.#retentionMs = this.store.retentionMs
    if (emitStrategy === 'onWindowClose') this.#emission = new CloseEmission(this.context, storeName)
    const cached = this.#emission === undefined ? this.store : undefined
    this.#forwarder = new TableForwarder(context, cached, sendOldValues)
  }

  abstract process(record: Record<K, V>): void

  /** The first window start that was not emitted at the last close time (-1: never emitted). */
  protected abstract firstStart(lastCloseTime: number): number
  /** The last window start that has closed at the close time. */
  protected abstract lastStart(closeTime: number): number
  /** False when there is no window with a start between the two, both inclusive. */
  protected abstract hasStart(from: number, to: number): boolean

  protected forwardUpdate(
    record: Record<K, V>,
    window: Window,
    oldValue: A | null,
    newValue: A | null,
    timestamp: number,
  ): void {
    if (this.#emission !== undefined) return
    this.#forwarder.maybeForward({ key: record.key, window }, newValue, oldValue, true, timestamp, record.headers)
  }

  /** Called before the record is stored: results leave before its window can push theirs out of the store's retention. */
  protected emitBeforeStoring(record: Record<K, V>, closeTime: number): void {
    if (this.#emission === undefined || this.options.quirks) return
    const from = this.firstStart(this.#emission.lastCloseTime)
    this.#emit(record, closeTime, from <= this.streamTime - this.#retentionMs)
  }

  /** Called after the record is stored, where Java emits. */
  protected emitAfterStoring(record: Record<K, V>, closeTime: number): void {
    if (this.#emission !== undefined && this.options.quirks) this.#emit(record, closeTime, false)
  }

  #emit(record: Record<K, V>, closeTime: number, urgent: boolean): void {
    const emission = this.#emission!
    if (!emission.isDue(closeTime, urgent)) return
    const from = this.firstStart(emission.lastCloseTime)
    const to = this.lastStart(closeTime)
    if (to < 0 || (emission.lastCloseTime !== -1 && !this.hasStart(from, to))) return
    let count = 0
    for (const [key, row] of this.store.fetchAll(from, to)) {
      count += 1
      this.#forwarder.maybeForward(key, row.value, null, true, row.timestamp, record.headers)
    }
    emission.emitted(closeTime, count)
  }
}
