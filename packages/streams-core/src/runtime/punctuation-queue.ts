import type { Cancellable, Punctuator } from '../processors/processor.ts'
import { PriorityQueue } from './priority-queue.ts'

/** One scheduled punctuator of one processor node. `time` (Unix ms) is when it is due next. */
export interface PunctuationSchedule<Node> {
  readonly node: Node
  readonly punctuator: Punctuator
  readonly intervalMs: number
  time: number
  cancelled: boolean
}

/**
 * Punctuators by the time at which they are due. A due one is called once with the current time, however many intervals
 * have passed; then it is due one interval after it was due, or at the first later multiple of the interval from there that
 * is in the future.
 * @see org.apache.kafka.streams.processor.internals.PunctuationQueue
 */
export class PunctuationQueue<Node> {
  readonly #queue = new PriorityQueue<PunctuationSchedule<Node>>((schedule) => schedule.time)

  /** `anchored`: calls fall on `time + n * intervalMs` only, the first one not before `now`. */
  schedule(
    node: Node,
    time: number,
    intervalMs: number,
    punctuator: Punctuator,
    anchored: boolean,
    now: number,
  ): Cancellable {
    const schedule = { node, punctuator, intervalMs, time, cancelled: false }
    if (anchored && time < now) advance(schedule, now)
    this.#queue.offer(schedule)
    return {
      cancel: () => {
        schedule.cancelled = true
      },
    }
  }

  /** Calls what is due; true when anything was. */
  maybePunctuate(now: number, call: (schedule: PunctuationSchedule<Node>, now: number) => void): boolean {
    let punctuated = false
    for (let top = this.#queue.peek(); top !== undefined && top.time <= now; top = this.#queue.peek()) {
      this.#queue.poll()
      if (top.cancelled) continue
      call(top, now)
      punctuated = true
      if (top.cancelled) continue
      advance(top, now)
      this.#queue.offer(top)
    }
    return punctuated
  }

  /** When the next one is due, Unix ms; undefined when there is none. */
  nextTime(): number | undefined {
    return this.#queue.peek()?.time
  }

  clear(): void {
    this.#queue.clear()
  }
}

function advance(schedule: PunctuationSchedule<unknown>, now: number): void {
  const next = schedule.time + schedule.intervalMs
  const missed = Math.floor((now - schedule.time) / schedule.intervalMs)
  schedule.time = now >= next ? schedule.time + (missed + 1) * schedule.intervalMs : next
}
