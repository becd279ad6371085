import type { Time, Timer } from '@millrace/log-engine'

/** What a connection does for `ConnectionMemory`. */
export interface MemoryHolder {
  /** Waits for its client: the rest of a frame that has begun, or an answer that the client does not read. */
  readonly waitsForClient: boolean
  pauseReading(): void
  resumeReading(): void
  close(): void
}

interface Held {
  bytes: number
  changedAt: number
  isPaused: boolean
}

/** Under pressure a connection that holds memory and has not moved for so long is closed. */
const stalledMs = 10_000
const sweepMs = 1000

/**
 * Keeps the bytes that all connections hold (requests that have arrived, answers that were not read) near a limit.
 * Above it the broker stops reading from all but one connection, which may finish its frame, so that there is always
 * progress; the ones whose clients hold memory without moving are closed.
 */
export class ConnectionMemory {
  readonly #limitBytes: number
  readonly #time: Time
  readonly #held = new Map<MemoryHolder, Held>()
  #usedBytes = 0
  /** The one that may go on reading although the limit is passed. */
  #favoured: MemoryHolder | undefined
  /** Set while, and a little after, the limit is passed. */
  #sweep: Timer | undefined

  constructor(limitBytes: number, time: Time) {
    this.#limitBytes = limitBytes
    this.#time = time
  }

  get usedBytes(): number {
    return this.#usedBytes
  }

  /** How much more may be held; 0 above the limit. */
  get freeBytes(): number {
    return Math.max(0, this.#limitBytes - this.#usedBytes)
  }

  /** The connection now holds so many bytes. */
  holds(holder: MemoryHolder, bytes: number): void {
    if (bytes === 0) {
      this.forget(holder)
      return
    }
    const held = this.#held.get(holder)
    const before = held?.bytes ?? 0
    if (before === bytes) return
    this.#usedBytes += bytes - before
    if (held === undefined) this.#held.set(holder, { bytes, changedAt: this.#time.now(), isPaused: false })
    else Object.assign(held, { bytes, changedAt: this.#time.now() })
    if (this.#usedBytes > this.#limitBytes) this.#press(holder)
    else if (bytes < before) this.#relax()
  }

  /** The connection holds nothing any more. */
  forget(holder: MemoryHolder): void {
    const held = this.#held.get(holder)
    if (held === undefined) return
    this.#held.delete(holder)
    this.#usedBytes -= held.bytes
    if (this.#favoured === holder) this.#favoured = undefined
    if (held.isPaused) holder.resumeReading()
    this.#relax()
  }

  #press(holder: MemoryHolder): void {
    this.#favoured ??= holder
    const held = this.#held.get(holder)
    if (this.#favoured !== holder && held !== undefined && !held.isPaused) {
      held.isPaused = true
      holder.pauseReading()
    }
    this.#sweep ??= this.#time.setTimer(sweepMs, () => this.#closeStalled())
  }

  #relax(): void {
    if (this.#sweep === undefined) return
    if (this.#usedBytes <= this.#limitBytes) {
      this.#favoured = undefined
      for (const [holder, held] of this.#held) this.#resume(holder, held)
      return
    }
    if (this.#favoured !== undefined) return
    for (const [holder, held] of this.#held) {
      if (!held.isPaused) continue
      this.#favoured = holder
      this.#resume(holder, held)
      return
    }
  }

  #resume(holder: MemoryHolder, held: Held): void {
    if (!held.isPaused) return
    held.isPaused = false
    held.changedAt = this.#time.now()
    holder.resumeReading()
  }

  #closeStalled(): void {
    this.#sweep = undefined
    if (this.#usedBytes <= this.#limitBytes) return
    const before = this.#time.now() - stalledMs
    for (const [holder, held] of [...this.#held]) {
      if (!held.isPaused && held.changedAt <= before && holder.waitsForClient) holder.close()
    }
    this.#sweep = this.#time.setTimer(sweepMs, () => this.#closeStalled())
  }
}
