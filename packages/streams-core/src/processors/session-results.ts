import type { SessionStore } from '../state/state-store.ts'
import type { EmitStrategy } from '../windows/emit-strategy.ts'
import type { Windowed } from '../windows/window.ts'
import type { Change } from './change.ts'
import { CloseEmission } from './close-emission.ts'
import { asInternal } from './internal-processor-context.ts'
import type { ProcessorContext } from './processor.ts'
import type { Record } from './record.ts'
import { SessionForwarder } from './session-forwarder.ts'

export interface SessionResultsOptions {
  readonly storeName: string
  readonly emitStrategy: EmitStrategy
  readonly sendOldValues: boolean
  /** Emit on close as Java does: after the record that closes sessions is stored, and never before the interval is over. */
  readonly quirks: boolean
}

/** How the results of a session aggregation leave it: with every update, or once their session has closed. */
export class SessionResults<K, A> {
  readonly #options: SessionResultsOptions
  readonly #store: SessionStore<K, A>
  readonly #forwarder: SessionForwarder<K, A>
  readonly #emission: CloseEmission | undefined

  constructor(
    context: ProcessorContext<Windowed<K>, Change<A>>,
    store: SessionStore<K, A>,
    options: SessionResultsOptions,
  ) {
    const { storeName, emitStrategy, sendOldValues } = options
    this.#options = options
    this.#store = store
    if (emitStrategy === 'onWindowClose') this.#emission = new CloseEmission(asInternal(context), storeName)
    this.#forwarder = new SessionForwarder(context, this.#emission === undefined ? store : undefined, sendOldValues)
  }

  /** One change of the store. */
  update(session: Windowed<K>, oldValue: A | null, newValue: A | null): void {
    if (this.#emission === undefined) this.#forwarder.maybeForward(session, newValue, oldValue)
  }

  /**
   * Sessions that have closed, in the order of their ends. The record in process cannot join them any more: they leave before
   * it is stored, and before the interval is over when storing it could push them out of the store's retention.
   */
  emitClosed(record: Record<unknown, unknown>, streamTime: number, closeTime: number): void {
    const emission = this.#emission
    if (emission === undefined) return
    const from = Math.max(0, emission.lastCloseTime)
    if (!emission.isDue(closeTime, !this.#options.quirks && this.#expires(from, streamTime)) || closeTime <= from)
      return
    let count = 0
    for (const [session, value] of this.#store.findSessionsByEnd(from, closeTime - 1)) {
      count += 1
      this.#forwarder.forward(session, value, record.headers)
    }
    emission.emitted(closeTime, count)
  }

  /** True when sessions that end at a time do not survive stream time. */
  #expires(end: number, streamTime: number): boolean {
    const { retentionMs, segmentIntervalMs } = this.#store
    const expired = streamTime - retentionMs
    if (segmentIntervalMs === undefined) return end <= expired
    return Math.floor(end / segmentIntervalMs) < Math.floor(expired / segmentIntervalMs)
  }
}
