import type { Time } from './time.ts'

/**
 * Readers that wait for data, woken by the partitions they wait for.
 * @see org.apache.kafka.server.purgatory.DelayedOperationPurgatory
 */
export class FetchPurgatory {
  readonly #time: Time
  readonly #waiting = new Map<string, Set<() => void>>()
  readonly #all = new Set<(isSatisfied: boolean) => void>()

  constructor(time: Time) {
    this.#time = time
  }

  /** Something may be new in the partition of this name. */
  wake(partition: string): void {
    const waiting = this.#waiting.get(partition)
    if (waiting !== undefined) for (const check of [...waiting]) check()
  }

  /**
   * Settles with true as soon as `isSatisfied` holds, asked now and whenever one of the partitions wakes; with false after
   * the time, or when `signal` aborts, or on `close`.
   */
  wait(
    partitions: readonly string[],
    timeoutMs: number,
    isSatisfied: () => boolean,
    signal?: AbortSignal,
  ): Promise<boolean> {
    if (isSatisfied()) return Promise.resolve(true)
    if (timeoutMs <= 0 || signal?.aborted) return Promise.resolve(false)
    return new Promise((resolve) => {
      const timer = this.#time.setTimer(timeoutMs, () => settle(false))
      const check = (): void => {
        if (isSatisfied()) settle(true)
      }
      const onAbort = (): void => settle(false)
      const settle = (result: boolean): void => {
        timer.cancel()
        signal?.removeEventListener('abort', onAbort)
        this.#all.delete(settle)
        for (const partition of partitions) this.#remove(partition, check)
        resolve(result)
      }
      this.#all.add(settle)
      signal?.addEventListener('abort', onAbort)
      for (const partition of partitions) this.#add(partition, check)
    })
  }

  /** Lets all waiting readers go with false. */
  close(): void {
    for (const settle of [...this.#all]) settle(false)
  }

  #add(partition: string, check: () => void): void {
    const waiting = this.#waiting.get(partition) ?? new Set()
    waiting.add(check)
    this.#waiting.set(partition, waiting)
  }

  #remove(partition: string, check: () => void): void {
    const waiting = this.#waiting.get(partition)
    waiting?.delete(check)
    if (waiting?.size === 0) this.#waiting.delete(partition)
  }
}
