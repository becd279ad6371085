import type { Headers } from '@millrace/serdes'
import type { OuterJoinKey } from '../state/outer-join-codec.ts'
import type { WindowStore } from '../state/state-store.ts'
import type { JoinWindows } from '../windows/join-windows.ts'
import type { ValueJoiner } from './functions.ts'
import { asInternal, type InternalProcessorContext } from './internal-processor-context.ts'
import type { JoinTimeTracker, JoinTimeTrackers } from './join-time-tracker.ts'
import type { Processor, ProcessorContext, ProcessorSupplier } from './processor.ts'
import { Record } from './record.ts'
import { UnmatchedRecords } from './unmatched-records.ts'

export interface KStreamKStreamJoinOptions<K, L, R, VOut> {
  readonly isLeftSide: boolean
  readonly windows: JoinWindows
  /** Called with (left, right, key) on both sides; null for a missing partner. */
  readonly joiner: ValueJoiner<K, L | null, R | null, VOut>
  /** This side's records are handed on without a partner, too. */
  readonly outer: boolean
  /** Where the other side's records are kept. */
  readonly otherStoreName: string
  /** Where unmatched records of both sides wait; undefined for an inner join. */
  readonly outerStoreName?: string | undefined
  readonly timeTrackers: JoinTimeTrackers
  /**
   * True: a record without a partner is handed on when its window and grace are over. False, as in Java: one that comes after its
   * window, though within the grace, is handed on at once, and may find its partner afterwards (KAFKA-19536).
   */
  readonly waitForGrace: boolean
}

/**
 * One side of a stream-stream join: joins each record with the other side's records in its window, in order of their time.
 * The result's timestamp is the later of both. A null value, or a null key in an inner join, is dropped and counted; a null
 * key in an outer join is handed on without a partner at once.
 * @see org.apache.kafka.streams.kstream.internals.KStreamKStreamJoin
 */
export function kstreamKstreamJoin<K, L, R, VOut>(
  options: KStreamKStreamJoinOptions<K, L, R, VOut>,
): ProcessorSupplier<K, L | R, K, VOut> {
  return () => new KStreamKStreamJoinProcessor(options)
}

class KStreamKStreamJoinProcessor<K, L, R, VOut> implements Processor<K, L | R, K, VOut> {
  readonly #options: KStreamKStreamJoinOptions<K, L, R, VOut>
  readonly #lookBackMs: number
  readonly #lookAheadMs: number
  /** How long after `timestamp + lookAheadMs` a record without a partner may still wait for one. */
  readonly #waitMs: number
  #context!: InternalProcessorContext<K, VOut>
  #otherStore!: WindowStore<K, L | R>
  #tracker!: JoinTimeTracker
  #unmatched: UnmatchedRecords<K, L, R> | undefined

  constructor(options: KStreamKStreamJoinOptions<K, L, R, VOut>) {
    const { isLeftSide, windows } = options
    this.#options = options
    this.#lookBackMs = isLeftSide ? windows.beforeMs : windows.afterMs
    this.#lookAheadMs = isLeftSide ? windows.afterMs : windows.beforeMs
    this.#waitMs = options.waitForGrace ? windows.gracePeriodMs : 0
  }

  init(context: ProcessorContext<K, VOut>): void {
    const { otherStoreName, outerStoreName, timeTrackers, windows } = this.#options
    this.#context = asInternal(context)
    this.#otherStore = context.getStateStore(otherStoreName)
    this.#tracker = timeTrackers.get(context.taskId)
    if (outerStoreName === undefined) return
    this.#unmatched = new UnmatchedRecords<K, L, R>(
      this.#context,
      outerStoreName,
      this.#tracker,
      windows,
      this.#emitUnmatched,
    )
  }

  process(record: Record<K, L | R>): void {
    const { key, value, timestamp } = record
    const tracker = this.#tracker
    if (timestamp > tracker.streamTime) tracker.streamTime = timestamp
    if (key === null || value === null) {
      if (this.#options.outer && value !== null) this.#forward(record, this.#join(value, null, key), timestamp)
      else this.#context.recordDropped(key === null ? 'null-key' : 'null-value')
      return
    }
    if (timestamp === tracker.streamTime) this.#unmatched?.emitClosed(this.#lookAheadMs, record.headers)
    const from = Math.max(0, timestamp - this.#lookBackMs)
    const to = Math.max(0, timestamp + this.#lookAheadMs)
    let isMatched = false
    for (const [otherTimestamp, other] of this.#otherStore.fetch(key, from, to)) {
      isMatched = true
      this.#unmatched?.remove(!this.#options.isLeftSide, key, otherTimestamp)
      this.#forward(record, this.#join(value, other, key), Math.max(timestamp, otherTimestamp))
    }
    if (isMatched || !this.#options.outer) return
    if (this.#unmatched === undefined || to + this.#waitMs < tracker.streamTime) {
      this.#forward(record, this.#join(value, null, key), timestamp)
    } else this.#unmatched.add(this.#options.isLeftSide, key, timestamp, value)
  }

  readonly #emitUnmatched = (key: OuterJoinKey<K>, value: L | R, headers: Headers): void => {
    const { joiner } = this.#options
    const joined = key.isLeft ? joiner(value as L, null, key.key) : joiner(null, value as R, key.key)
    this.#context.forward(new Record(key.key, joined, key.timestamp, headers))
  }

  #join(value: L | R, other: L | R | null, key: K): VOut {
    const { joiner, isLeftSide } = this.#options
    return isLeftSide ? joiner(value as L, other as R | null, key) : joiner(other as L | null, value as R, key)
  }

  #forward(record: Record<K, L | R>, joined: VOut, timestamp: number): void {
    this.#context.forward(new Record(record.key, joined, timestamp, record.headers))
  }

  close(): void {
    this.#options.timeTrackers.remove(this.#context.taskId)
  }
}
