import { availableParallelism } from 'node:os'
import { type Logger, stderrLogger } from '@millrace/streams-core'
import { onStopSignal } from '../run/stop-signals.ts'
import { SharedLogs } from './shared-logs.ts'
import { startWorker, type WorkerKind } from './worker-handle.ts'
import { WorkerPool } from './worker-pool.ts'
import type { PoolStatus } from './worker-status.ts'

/** How workers are run. Times are ms. */
export interface RunWorkersOptions {
  /** Default: one for each core. */
  readonly workers?: number
  /** Default `process`: what one does cannot harm another. Threads start faster and share the memory of code. */
  readonly kind?: WorkerKind
  /** The application's command line, behind its file. */
  readonly args?: readonly string[]
  /** Beside the variables of this process. */
  readonly env?: Readonly<Record<string, string>>
  /** Options of Node. Default: those of this process, a loader of TypeScript included. */
  readonly execArgv?: readonly string[]
  /** Port of the bundled broker that standalone workers share, on the loopback. Default: any that is free. */
  readonly brokerPort?: number
  /** Before the first restart; doubled with each failure in a row. Default 200. */
  readonly firstPauseMs?: number
  /** Default 30 000. */
  readonly longestPauseMs?: number
  /** Failures in a row, without ten seconds of running, after which the pool gives up. Default 10. */
  readonly maxFailures?: number
  /** How long a worker may take to stop before it is killed. Default 30 000. */
  readonly stopTimeoutMs?: number
  /** Hears each change. */
  readonly onStatus?: (status: PoolStatus) => void
  /** False: SIGINT and SIGTERM are left to the caller. Default: they close the pool. */
  readonly handleSignals?: boolean
  /** Default: warnings and errors on standard error. */
  readonly logger?: Logger
}

/**
 * Runs an application file, one that calls `run`, in several workers: each has its own consumer, producer and state directory
 * (`<state.dir>/worker-<n>`), and the tasks are divided among them. In mode standalone they share the bundled log, which this
 * process serves to them on the loopback.
 *
 * ```ts
 * const pool = runWorkers(new URL('./app.ts', import.meta.url), { workers: 4 })
 * await pool.stopped
 * ```
 *
 * A worker that fails is started again, after pauses that grow. A file of TypeScript needs a Node that runs it, or a loader.
 */
export function runWorkers(file: URL, options: RunWorkersOptions = {}): WorkerPool {
  const { workers = availableParallelism(), kind = 'process', args = [], execArgv = process.execArgv } = options
  if (!Number.isSafeInteger(workers) || workers < 1) {
    throw new RangeError(`workers is ${workers}; it must be a whole number of at least 1.`)
  }
  const pool = new WorkerPool({
    workers,
    firstPauseMs: options.firstPauseMs ?? 200,
    longestPauseMs: options.longestPauseMs ?? 30_000,
    maxFailures: options.maxFailures ?? 10,
    stopTimeoutMs: options.stopTimeoutMs ?? 30_000,
    logs: new SharedLogs(options.brokerPort ?? 0),
    logger: options.logger ?? stderrLogger,
    onStatus: options.onStatus ?? (() => {}),
    start: (number, onMessage, onExit) =>
      startWorker(kind, {
        file,
        identity: { number, count: workers },
        args,
        execArgv,
        env: { ...process.env, ...options.env },
        onMessage,
        onExit,
      }),
  })
  const forget = options.handleSignals === false ? () => {} : onStopSignal(() => void pool.close())
  pool.stopped.then(forget, () => {
    forget()
    process.exitCode = 1
  })
  return pool
}
