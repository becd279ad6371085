import { fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { Worker } from 'node:worker_threads'
import { enveloped, type FromWorker, opened, type ToWorker, workerVariable } from './messages.ts'

/** What runs a worker: a process of its own, or a thread of this one. */
export type WorkerKind = 'process' | 'thread'

/** A worker that runs. */
export interface WorkerHandle {
  /** Of the process; undefined for a thread. */
  readonly pid: number | undefined
  send(message: ToWorker): void
  /** Ends it without a word. */
  kill(): void
}

/** How a worker is started. */
export interface WorkerStart {
  /** The application's file. */
  readonly file: URL
  readonly identity: { readonly number: number; readonly count: number; readonly isPlanning?: boolean }
  readonly args: readonly string[]
  readonly env: Readonly<Record<string, string | undefined>>
  /** Options of Node, such as a loader of TypeScript. */
  readonly execArgv: readonly string[]
  /** True: what it prints goes nowhere. */
  readonly silent?: boolean
  readonly onMessage: (message: FromWorker, worker: WorkerHandle) => void
  /** How it ended: undefined after exit code 0. Called once. */
  readonly onExit: (failure: string | undefined) => void
}

export function startWorker(kind: WorkerKind, start: WorkerStart): WorkerHandle {
  return kind === 'process' ? startProcess(start) : startThread(start)
}

function startProcess({ file, identity, args, env, execArgv, silent, onMessage, onExit }: WorkerStart): WorkerHandle {
  const child = fork(fileURLToPath(file), args, {
    env: { ...env, [workerVariable]: JSON.stringify(identity) },
    execArgv: [...execArgv],
    stdio: silent === true ? ['ignore', 'ignore', 'ignore', 'ipc'] : ['ignore', 'inherit', 'inherit', 'ipc'],
  })
  const handle: WorkerHandle = {
    pid: child.pid,
    send(message) {
      if (child.connected) child.send(enveloped(message), () => {})
    },
    kill: () => void child.kill('SIGKILL'),
  }
  const end = once(onExit)
  // Nobody is left behind, however this process ends.
  const killOnExit = (): void => handle.kill()
  process.on('exit', killOnExit)
  child.on('message', (received) => hear(received, onMessage, handle))
  child.on('error', (error) => end(error.message))
  child.on('exit', (code, signal) => {
    process.off('exit', killOnExit)
    end(code === 0 ? undefined : signal === null ? `exit code ${code}` : `signal ${signal}`)
  })
  return handle
}

function startThread({ file, identity, args, env, execArgv, silent, onMessage, onExit }: WorkerStart): WorkerHandle {
  const thread = new Worker(file, {
    argv: [...args],
    env: { ...env },
    execArgv: [...execArgv],
    workerData: { [workerVariable]: identity },
    stdout: silent === true,
    stderr: silent === true,
  })
  const handle: WorkerHandle = {
    pid: undefined,
    send: (message) => thread.postMessage(enveloped(message)),
    kill: () => void thread.terminate(),
  }
  const end = once(onExit)
  let failure: string | undefined
  thread.on('message', (received) => hear(received, onMessage, handle))
  thread.on('error', (error) => {
    failure = error instanceof Error ? error.message : String(error)
  })
  thread.on('exit', (code) => end(code === 0 ? undefined : (failure ?? `exit code ${code}`)))
  return handle
}

function hear(received: unknown, onMessage: WorkerStart['onMessage'], handle: WorkerHandle): void {
  const message = opened<FromWorker>(received)
  if (message !== undefined) onMessage(message, handle)
}

function once(call: (failure: string | undefined) => void): (failure: string | undefined) => void {
  let isCalled = false
  return (failure) => {
    if (!isCalled) call(failure)
    isCalled = true
  }
}
