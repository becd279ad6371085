import { assert, IllegalStateError } from './errors.ts'
import { Settlement } from './runtime/settlement.ts'

/** @see org.apache.kafka.streams.KafkaStreams.State */
export type KafkaStreamsState =
  | 'CREATED'
  | 'REBALANCING'
  | 'RUNNING'
  | 'PENDING_SHUTDOWN'
  | 'NOT_RUNNING'
  | 'PENDING_ERROR'
  | 'ERROR'

/** From each state, where an application may go. */
export const validTransitions: { readonly [From in KafkaStreamsState]: readonly KafkaStreamsState[] } = {
  CREATED: ['REBALANCING', 'PENDING_SHUTDOWN'],
  REBALANCING: ['RUNNING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  RUNNING: ['REBALANCING', 'PENDING_SHUTDOWN', 'PENDING_ERROR'],
  PENDING_SHUTDOWN: ['NOT_RUNNING'],
  NOT_RUNNING: [],
  PENDING_ERROR: ['ERROR'],
  ERROR: [],
}

/** Told of each change of state. */
export type StateListener = (newState: KafkaStreamsState, oldState: KafkaStreamsState) => void

/**
 * Where an application stands, and the promises that tell when it runs and when it has ended.
 *
 *   CREATED ─► REBALANCING ⇄ RUNNING ─► PENDING_SHUTDOWN ─► NOT_RUNNING
 *                    └──────────┴─────► PENDING_ERROR ─► ERROR
 */
export class ApplicationState {
  readonly #running = new Settlement()
  readonly #stopped = new Settlement()
  #current: KafkaStreamsState = 'CREATED'
  #error: Error | undefined
  /** The user's. */
  listener: StateListener = () => {}
  /** The host's. */
  observer: StateListener = () => {}
  /** Further ones, which come and go. */
  readonly observers = new Set<StateListener>()

  get current(): KafkaStreamsState {
    return this.#current
  }

  /** Resolves when RUNNING is reached for the first time; rejects when the application ends before. */
  get running(): Promise<void> {
    return this.#running.promise
  }

  /** Settles when the application has ended. */
  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  /** True while threads may process. */
  get isRunningOrRebalancing(): boolean {
    return this.#current === 'RUNNING' || this.#current === 'REBALANCING'
  }

  get hasEnded(): boolean {
    return this.#current === 'NOT_RUNNING' || this.#current === 'ERROR'
  }

  /** Goes to a state; nothing happens when it is there already. @throws InvariantError for a way that does not exist */
  to(next: KafkaStreamsState): void {
    const before = this.#current
    if (next === before) return
    assert(validTransitions[before].includes(next), `KafkaStreams cannot go from ${before} to ${next}.`)
    this.#current = next
    if (next === 'RUNNING') this.#running.resolve()
    if (this.hasEnded) this.#settle()
    this.observer(next, before)
    for (const observer of this.observers) observer(next, before)
    this.listener(next, before)
  }

  /** What ends the application; the first error counts. While it is closing, `stopped` still rejects with it. */
  fail(error: Error): void {
    this.#error ??= error
    if (this.isRunningOrRebalancing) this.to('PENDING_ERROR')
  }

  /** Goes from the pending end to the end. */
  end(): void {
    this.to(this.#current === 'PENDING_SHUTDOWN' ? 'NOT_RUNNING' : 'ERROR')
  }

  /** @throws IllegalStateError unless the application has not been started */
  requireCreated(call: string): void {
    if (this.#current === 'CREATED') return
    throw new IllegalStateError(
      `${call}() was called in state ${this.#current}; it may only be called once, before the application has started.`,
    )
  }

  #settle(): void {
    this.#running.reject(this.#error ?? new IllegalStateError('The application was closed before it was running.'))
    if (this.#error === undefined) this.#stopped.resolve()
    else this.#stopped.reject(this.#error)
  }
}
