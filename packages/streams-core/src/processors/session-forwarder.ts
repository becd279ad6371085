import { Headers } from '@millrace/serdes'
import { type FlushListener, setFlushListener } from '../state/flush-listener.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Windowed } from '../windows/window.ts'
import { Change } from './change.ts'
import type { ProcessorContext } from './processor.ts'
import { Record } from './record.ts'

/**
 * Forwards a session table's updates, with the session's end as timestamp: at once when its store has no cache (then
 * without headers), else when they leave the cache (with those of the record).
 * @see org.apache.kafka.streams.kstream.internals.SessionCacheFlushListener
 */
export class SessionForwarder<K, A> {
  readonly #context: ProcessorContext<Windowed<K>, Change<A>>
  readonly #sendOldValues: boolean
  readonly #cached: boolean

  /** `store` undefined: never through a cache. */
  constructor(
    context: ProcessorContext<Windowed<K>, Change<A>>,
    store: StateStore | undefined,
    sendOldValues: boolean,
  ) {
    this.#context = context
    this.#sendOldValues = sendOldValues
    this.#cached = store !== undefined && setFlushListener(store, this.#onFlush, sendOldValues)
  }

  maybeForward(session: Windowed<K>, newValue: A | null, oldValue: A | null): void {
    if (this.#cached) return
    this.#send(session, newValue, this.#sendOldValues ? oldValue : null, Headers.empty)
  }

  /** Forwards a final result. */
  forward(session: Windowed<K>, value: A, headers: Headers): void {
    this.#send(session, value, null, headers)
  }

  readonly #onFlush: FlushListener<Windowed<K>, A> = (session, newValue, oldValue, _timestamp, headers) => {
    this.#send(session, newValue, oldValue, headers)
  }

  #send(session: Windowed<K>, newValue: A | null, oldValue: A | null, headers: Headers): void {
    this.#context.forward(new Record(session, new Change(newValue, oldValue), session.window.end, headers))
  }
}
