// WorkerPool: runs one application file several times, and again when a worker fails.
//
// Owns:      the workers, their restarts, the brokers that they share.
// Does not:  know what the application does (run.ts tells it the state).
// In:        messages and ends of workers; close().
// Out:       stop messages; one status for all.
//
// Invariants
//   W1. A worker that was asked to stop is not started again.
//   W2. The shared log is closed after the last worker has ended.

import { type Logger, systemTime, type Timer } from '@millrace/streams-core'
import type { FromWorker } from './messages.ts'
import type { SharedLogs } from './shared-logs.ts'
import type { WorkerHandle } from './worker-handle.ts'
import type { PoolStatus, WorkerStatus } from './worker-status.ts'

/** ms for which a worker has to run before its failures are forgotten. */
const stableMs = 10_000

export interface WorkerPoolOptions {
  readonly workers: number
  readonly firstPauseMs: number
  readonly longestPauseMs: number
  readonly maxFailures: number
  readonly stopTimeoutMs: number
  readonly logs: SharedLogs
  readonly logger: Logger
  readonly start: (
    number: number,
    onMessage: (message: FromWorker, worker: WorkerHandle) => void,
    onExit: (failure: string | undefined) => void,
  ) => WorkerHandle
  readonly onStatus: (status: PoolStatus) => void
}

interface Slot {
  readonly number: number
  handle: WorkerHandle | undefined
  state: WorkerStatus['state']
  restarts: number
  lastFailure: string | undefined
  /** In a row, without running for a while in between. */
  failures: number
  runningSinceMs: number | undefined
  /** What the worker itself has said about its end. */
  said: string | undefined
  restart: Timer | undefined
  isDone: boolean
}

/** Several workers of one application. */
export class WorkerPool {
  readonly #options: WorkerPoolOptions
  readonly #slots: readonly Slot[]
  readonly #running = newSettlement()
  readonly #stopped = newSettlement()
  #isClosing = false
  #error: Error | undefined
  #hasEnded = false

  constructor(options: WorkerPoolOptions) {
    this.#options = options
    this.#slots = Array.from({ length: options.workers }, (_, index) => ({
      number: index + 1,
      handle: undefined,
      state: undefined,
      restarts: 0,
      lastFailure: undefined,
      failures: 0,
      runningSinceMs: undefined,
      said: undefined,
      restart: undefined,
      isDone: false,
    }))
    for (const slot of this.#slots) this.#start(slot)
  }

  /** Resolves when all workers are RUNNING for the first time; rejects when the pool ends before. */
  get running(): Promise<void> {
    return this.#running.promise
  }

  /** Settles when all workers and the shared log have ended; rejects when one was given up. */
  get stopped(): Promise<void> {
    return this.#stopped.promise
  }

  status(): PoolStatus {
    return {
      state: this.#state(),
      workers: this.#slots.map(({ number, handle, state, restarts, lastFailure }) => ({
        worker: number,
        pid: handle?.pid,
        state: handle === undefined ? undefined : state,
        restarts,
        lastFailure,
      })),
      brokers: this.#options.logs.addresses,
    }
  }

  /** Stops all workers: each commits what it has done. One that takes longer than `stopTimeoutMs` is killed. */
  async close(): Promise<void> {
    if (!this.#isClosing) {
      this.#isClosing = true
      for (const slot of this.#slots) this.#stop(slot)
      this.#options.onStatus(this.status())
      this.#maybeEnd()
    }
    await this.stopped.catch(() => {})
  }

  #start(slot: Slot): void {
    slot.restart = undefined
    slot.state = undefined
    slot.said = undefined
    slot.runningSinceMs = undefined
    slot.handle = this.#options.start(
      slot.number,
      (message, worker) => this.#onMessage(slot, message, worker),
      (failure) => this.#onExit(slot, failure),
    )
  }

  #stop(slot: Slot): void {
    slot.restart?.cancel()
    if (slot.handle === undefined) {
      slot.isDone = true
      return
    }
    const { handle } = slot
    handle.send({ kind: 'stop' })
    slot.restart = systemTime.setTimer(this.#options.stopTimeoutMs, () => {
      this.#options.logger.warn(
        `Worker ${slot.number} did not stop within ${this.#options.stopTimeoutMs} ms and is killed.`,
      )
      handle.kill()
    })
  }

  #onMessage(slot: Slot, message: FromWorker, worker: WorkerHandle): void {
    switch (message.kind) {
      case 'state':
        slot.state = message.state
        slot.runningSinceMs =
          message.state === 'RUNNING' ? (slot.runningSinceMs ?? systemTime.now()) : slot.runningSinceMs
        if (this.#state() === 'RUNNING') this.#running.resolve()
        this.#options.onStatus(this.status())
        return
      case 'log':
        void this.#answerLog(message.dir, worker)
        return
      case 'failed':
        slot.said = message.message
        return
      case 'plan':
    }
  }

  async #answerLog(dir: string, worker: WorkerHandle): Promise<void> {
    try {
      worker.send({ kind: 'log', bootstrapServers: await this.#options.logs.addressOf(dir) })
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error)
      worker.send({ kind: 'log', error: `The bundled log in ${dir} cannot be opened: ${reason}` })
    }
  }

  #onExit(slot: Slot, failure: string | undefined): void {
    const wasStable = slot.runningSinceMs !== undefined && systemTime.now() - slot.runningSinceMs >= stableMs
    slot.handle = undefined
    slot.state = undefined
    slot.restart?.cancel()
    slot.restart = undefined
    if (failure === undefined || this.#isClosing) slot.isDone = true
    else this.#restart(slot, slot.said ?? failure, wasStable)
    this.#options.onStatus(this.status())
    this.#maybeEnd()
  }

  #restart(slot: Slot, reason: string, wasStable: boolean): void {
    const { firstPauseMs, longestPauseMs, maxFailures, logger } = this.#options
    slot.lastFailure = reason
    slot.failures = wasStable ? 1 : slot.failures + 1
    if (slot.failures > maxFailures) {
      this.#error ??= new Error(
        `Worker ${slot.number} has failed ${slot.failures} times in a row, the last time with: ${reason}. Its pool ends.`,
      )
      logger.error(this.#error.message)
      slot.isDone = true
      void this.close()
      return
    }
    const pauseMs = Math.min(longestPauseMs, firstPauseMs * 2 ** (slot.failures - 1))
    logger.warn(`Worker ${slot.number} ended (${reason}); it is started again in ${pauseMs} ms.`)
    slot.restart = systemTime.setTimer(pauseMs, () => {
      slot.restarts += 1
      this.#start(slot)
    })
  }

  #state(): PoolStatus['state'] {
    if (this.#hasEnded) return this.#error === undefined ? 'NOT_RUNNING' : 'ERROR'
    if (this.#isClosing) return 'PENDING_SHUTDOWN'
    return this.#slots.every(({ state, isDone }) => state === 'RUNNING' || isDone) ? 'RUNNING' : 'REBALANCING'
  }

  #maybeEnd(): void {
    if (this.#hasEnded || !this.#slots.every(({ isDone }) => isDone)) return
    this.#hasEnded = true
    void this.#end()
  }

  async #end(): Promise<void> {
    try {
      await this.#options.logs.close()
    } catch (error) {
      this.#error ??= error instanceof Error ? error : new Error(String(error))
    }
    this.#running.reject(this.#error ?? new Error('The workers ended before all of them were running.'))
    if (this.#error === undefined) this.#stopped.resolve()
    else this.#stopped.reject(this.#error)
    this.#options.onStatus(this.status())
  }
}

function newSettlement() {
  let resolve!: () => void
  let reject!: (error: Error) => void
  const promise = new Promise<void>((onResolve, onReject) => {
    resolve = onResolve
    reject = onReject
  })
  // Whoever does not wait for it does not want to hear of it.
  promise.catch(() => {})
  return { promise, resolve, reject }
}
