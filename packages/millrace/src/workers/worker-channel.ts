import { isMainThread, parentPort, workerData } from 'node:worker_threads'
import { enveloped, type FromWorker, opened, type ToWorker, type WorkerIdentity, workerVariable } from './messages.ts'

/** The way from a worker, a process or a thread, to what started it. */
export interface WorkerChannel extends WorkerIdentity {
  /** True: say what would be run, and do not run it. */
  readonly isPlanning: boolean
  send(message: FromWorker): Promise<void>
  /** Hears the pool's messages, and that the pool is gone. */
  onMessage(listener: (message: ToWorker) => void): void
  /** Lets the worker end by itself when it has nothing more to do. */
  release(): void
}

interface Started extends WorkerIdentity {
  readonly isPlanning?: boolean
}

let found: WorkerChannel | undefined | null = null

/** The channel of this process or thread; undefined when no pool has started it. */
export function workerChannel(): WorkerChannel | undefined {
  if (found === null) found = threadChannel() ?? processChannel()
  return found
}

function processChannel(): WorkerChannel | undefined {
  const text = process.env[workerVariable]
  if (text === undefined || process.send === undefined) return undefined
  // Not for the processes that the application starts itself.
  delete process.env[workerVariable]
  const { isPlanning = false, ...identity } = JSON.parse(text) as Started
  let isReleased = false
  return {
    ...identity,
    isPlanning,
    send: (message) =>
      new Promise((resolve) => {
        if (process.connected) process.send?.(enveloped(message), () => resolve())
        else resolve()
      }),
    onMessage(listener) {
      process.on('message', (received) => hear(received, listener))
      process.once('disconnect', () => !isReleased && listener({ kind: 'orphaned' }))
    },
    release() {
      isReleased = true
      if (process.connected) process.disconnect()
    },
  }
}

function threadChannel(): WorkerChannel | undefined {
  const started = (workerData as { readonly [workerVariable]?: Started } | null)?.[workerVariable]
  const port = parentPort
  if (isMainThread || port === null || started === undefined) return undefined
  const { isPlanning = false, ...identity } = started
  return {
    ...identity,
    isPlanning,
    send: async (message) => port.postMessage(enveloped(message)),
    onMessage: (listener) => port.on('message', (received) => hear(received, listener)),
    release: () => port.close(),
  }
}

function hear(received: unknown, listener: (message: ToWorker) => void): void {
  const message = opened<ToWorker>(received)
  if (message !== undefined) listener(message)
}
