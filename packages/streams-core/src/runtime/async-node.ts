// AsyncNode: one asynchronous operator of a task.
//
// Owns:      the records that wait, are in a call, or have results which wait for those before them.
// Does not:  forward when a call ends: results re-enter the task when it asks for them (`drain`), as new work.
// In:        process (a record), drain (the task's turn), close.
// Out:       calls of the user's function; results to the children; errors to the processing exception handler.
//
// Invariants
//   A1. Results leave in the order in which records came.
//   A2. Of two records with equal keys the later one's call begins after the earlier one's has ended. Null keys are not ordered.
//   A3. At most `concurrency` calls run at once; a task takes no new record while the operator holds four times as many.
//   A4. Each result is forwarded in the record context of its record.
//
//   waiting ─► running ─► done | failed ─► forwarded

import { toError } from '../errors.ts'
import type { AsyncProcessor } from '../processors/async-processor.ts'
import type { Record } from '../processors/record.ts'
import type { RecordContext } from '../processors/record-context.ts'
import { delay, type Time } from '../time.ts'
import { type ChildNode, NodeContext } from './processor-context.ts'
import { handleProcessingError } from './processor-node.ts'
import type { TaskContext } from './task-context.ts'

type AnyRecord = Record<unknown, unknown>

interface Entry {
  readonly record: AnyRecord
  readonly context: RecordContext | undefined
  /** Equal for records whose calls must not overlap; undefined: any may. */
  readonly orderKey: unknown
  state: 'waiting' | 'running' | 'done' | 'failed'
  results: Iterable<AnyRecord>
  error: Error | undefined
  abort: AbortController | undefined
}

/** Records held per call that may run: beyond, the task's inputs pause. */
const heldPerCall = 4

/** @see DESIGN.md, decision 1 — Java has no such operator */
export class AsyncNode implements ChildNode {
  readonly name: string
  readonly context: NodeContext
  readonly #task: TaskContext
  readonly #time: Time
  readonly #processor: AsyncProcessor<unknown, unknown, unknown, unknown>
  readonly #entries: Entry[] = []
  readonly #runningKeys = new Set<unknown>()
  #running = 0
  #backingOff = 0
  #isClosed = false

  constructor(
    name: string,
    processor: AsyncProcessor<unknown, unknown, unknown, unknown>,
    task: TaskContext,
    storeNames: readonly string[],
  ) {
    this.name = name
    this.#task = task
    this.#time = task.time
    this.#processor = processor
    this.context = new NodeContext(name, task, storeNames)
  }

  /** Records that were taken and not forwarded. */
  get pending(): number {
    return this.#entries.length
  }

  /** True while the task must not take new records. */
  get isFull(): boolean {
    return this.#entries.length >= this.#processor.settings.concurrency * heldPerCall
  }

  /** True when `drain` would forward something. */
  get hasResults(): boolean {
    const head = this.#entries[0]
    return head !== undefined && (head.state === 'done' || head.state === 'failed')
  }

  /** True when all that is pending waits for the clock before another attempt. */
  get isOnlyBackingOff(): boolean {
    return this.#running > 0 && this.#backingOff === this.#running
  }

  init(): void {}

  process(record: AnyRecord): void {
    this.#entries.push({
      record,
      context: this.#task.current,
      orderKey: orderKeyOf(record.key),
      state: 'waiting',
      results: [],
      error: undefined,
      abort: undefined,
    })
    this.#startCalls()
  }

  /** Forwards the results of the record that is next in order; false when they are not there. @throws ProcessingError */
  drain(): boolean {
    if (!this.hasResults) return false
    this.#forward(this.#entries.shift()!)
    return true
  }

  /** Aborts the calls that run; their results are lost. */
  close(): void {
    this.#isClosed = true
    for (const entry of this.#entries) entry.abort?.abort(new Error('The task was closed.'))
    this.#entries.length = 0
  }

  #forward(entry: Entry): void {
    const task = this.#task
    const previous = task.current
    task.current = entry.context
    task.systemTimeMs = this.#time.now()
    try {
      if (entry.error !== undefined) {
        handleProcessingError(task, this.name, entry.record, entry.error, task.config.processingExceptionHandler)
        return
      }
      for (const record of entry.results) this.context.forward(record)
    } finally {
      task.current = previous
    }
  }

  #startCalls(): void {
    const { concurrency } = this.#processor.settings
    for (const entry of this.#entries) {
      if (this.#running >= concurrency) return
      if (entry.state !== 'waiting') continue
      const { orderKey } = entry
      if (orderKey !== undefined) {
        if (this.#runningKeys.has(orderKey)) continue
        this.#runningKeys.add(orderKey)
      }
      entry.state = 'running'
      this.#running += 1
      void this.#run(entry)
    }
  }

  async #run(entry: Entry): Promise<void> {
    try {
      entry.results = await this.#callWithRetries(entry)
      entry.state = 'done'
    } catch (error) {
      entry.error = toError(error)
      entry.state = 'failed'
    }
    this.#running -= 1
    if (entry.orderKey !== undefined) this.#runningKeys.delete(entry.orderKey)
    if (this.#isClosed) return
    this.#startCalls()
    this.#task.onAsyncProgress()
  }

  async #callWithRetries(entry: Entry): Promise<Iterable<AnyRecord>> {
    const { maxAttempts, backoffMs, maxBackoffMs, retryIf } = this.#processor.settings
    for (let attempt = 1; ; attempt += 1) {
      try {
        // Walked here, so that a lazy iterable which throws counts as a failed call.
        return Array.from(await this.#callOnce(entry, attempt))
      } catch (error) {
        if (this.#isClosed || attempt >= maxAttempts || !retryIf(error)) throw error
      }
      this.#backingOff += 1
      this.#task.onAsyncProgress()
      await delay(this.#time, Math.min(maxBackoffMs, backoffMs * 2 ** (attempt - 1)))
      this.#backingOff -= 1
    }
  }

  async #callOnce(entry: Entry, attempt: number): Promise<Iterable<AnyRecord>> {
    const { timeoutMs } = this.#processor.settings
    const abort = new AbortController()
    const { signal } = abort
    entry.abort = abort
    const aborted = new Promise<never>((_resolve, reject) => {
      signal.addEventListener('abort', () => reject(toError(signal.reason)), { once: true })
    })
    aborted.catch(() => {})
    const timer = this.#time.setTimer(timeoutMs, () =>
      abort.abort(new Error(`'${this.name}' gave no result within ${timeoutMs} ms (attempt ${attempt}).`)),
    )
    try {
      return await Promise.race([this.#processor.call(entry.record, { signal, attempt }), aborted])
    } finally {
      timer.cancel()
    }
  }
}

/** Keys that are equal as data are equal here; null keys are not ordered. */
function orderKeyOf(key: unknown): unknown {
  if (key === null || key === undefined) return undefined
  if (key instanceof Uint8Array)
    return `bytes ${Buffer.from(key.buffer, key.byteOffset, key.length).toString('latin1')}`
  return typeof key === 'object' ? `json ${JSON.stringify(key)}` : key
}
