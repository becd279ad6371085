import type { Headers } from '@millrace/serdes'
import type { OuterJoinKey } from '../state/outer-join-codec.ts'
import type { OuterJoinStore } from '../state/outer-join-store.ts'
import type { JoinWindows } from '../windows/join-windows.ts'
import { emitIntervalMs, outerJoinEmitInterval } from './close-emission.ts'
import type { InternalProcessorContext } from './internal-processor-context.ts'
import type { JoinTimeTracker } from './join-time-tracker.ts'

/** Hands on one unmatched record. The headers are those of the record that closed its window. */
export type EmitUnmatched<K, L, R> = (key: OuterJoinKey<K>, value: L | R, headers: Headers) => void

/**
 * The records of a left or outer join that have found no partner yet. They wait, by timestamp, then side (right first),
 * until stream time is past their window and grace; one that finds a partner before is taken out.
 */
export class UnmatchedRecords<K, L, R> {
  readonly #store: OuterJoinStore<K, L, R>
  readonly #context: InternalProcessorContext<unknown, unknown>
  readonly #tracker: JoinTimeTracker
  readonly #windows: JoinWindows
  readonly #emit: EmitUnmatched<K, L, R>
  readonly #emitIntervalMs: number

  constructor(
    context: InternalProcessorContext<unknown, unknown>,
    storeName: string,
    tracker: JoinTimeTracker,
    windows: JoinWindows,
    emit: EmitUnmatched<K, L, R>,
  ) {
    this.#store = context.getStateStore(storeName)
    this.#context = context
    this.#tracker = tracker
    this.#windows = windows
    this.#emit = emit
    this.#emitIntervalMs = emitIntervalMs(context, outerJoinEmitInterval)
  }

  add(isLeft: boolean, key: K, timestamp: number, value: L | R): void {
    this.#tracker.minTime = Math.min(this.#tracker.minTime, timestamp)
    this.#store.add({ timestamp, isLeft, key }, value)
  }

  /** Takes out all records of a key and time, for they found a partner. */
  remove(isLeft: boolean, key: K, timestamp: number): void {
    this.#store.removeIfPresent({ timestamp, isLeft, key })
  }

  /**
   * Hands on, and takes out, the records whose window has closed. Looks for them only when there may be one, given how far
   * the calling side looks ahead, and not more often than the emit interval.
   */
  emitClosed(lookAheadMs: number, headers: Headers): void {
    const tracker = this.#tracker
    if (tracker.minTime + lookAheadMs + this.#windows.gracePeriodMs >= tracker.streamTime) return
    const now = this.#context.currentSystemTimeMs()
    if (now < tracker.nextEmitTimeMs) return
    tracker.nextEmitTimeMs = now + this.#emitIntervalMs
    tracker.minTime = Number.POSITIVE_INFINITY
    let isLeftOpen = false
    let isRightOpen = false
    let emitted: OuterJoinKey<K> | undefined
    for (const [key, value] of this.#store.all()) {
      tracker.minTime = key.timestamp
      if (isLeftOpen && isRightOpen) break
      if (this.#isOpen(key)) {
        if (key.isLeft) isLeftOpen = true
        else isRightOpen = true
        continue
      }
      this.#emit(key, value, headers)
      // All values of one key are emitted before they are removed together.
      if (emitted !== undefined && emitted !== key) this.#store.remove(emitted)
      emitted = key
    }
    if (emitted !== undefined) this.#store.remove(emitted)
  }

  #isOpen(key: OuterJoinKey<K>): boolean {
    const waitMs = key.isLeft ? this.#windows.afterMs : this.#windows.beforeMs
    return key.timestamp + waitMs + this.#windows.gracePeriodMs >= this.#tracker.streamTime
  }
}
