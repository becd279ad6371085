import { toError } from '../errors.ts'
import type { ActiveTask } from './active-task.ts'
import type { GroupMembershipOperation, StreamThread } from './stream-thread.ts'

/** What the threads of an instance are run with. */
export interface StreamThreadsOptions {
  /** Makes the thread of that number, with its share of the record cache in bytes. */
  readonly newThread: (threadNumber: number, cacheBytes: number) => StreamThread
  /** `statestore.cache.max.bytes`, divided among the threads. */
  readonly cacheBytes: number
  /** A thread has ended: with what it could not handle, or because it was asked to. It is not among the threads any more. */
  readonly onEnded: (thread: StreamThread, error: Error | undefined) => void
}

interface LiveThread {
  readonly thread: StreamThread
  /** Never rejects. */
  readonly ended: Promise<void>
}

/**
 * The stream threads of one instance, by number from 1 on; a number is given again when its thread has ended, and with it the
 * thread's transactional id. Each thread has an equal share of the record cache, which changes with their number.
 */
export class StreamThreads {
  readonly #options: StreamThreadsOptions
  readonly #live = new Map<number, LiveThread>()

  constructor(options: StreamThreadsOptions) {
    this.#options = options
  }

  /** Those that have not ended, by number. */
  get threads(): readonly StreamThread[] {
    return [...this.#live].sort(([a], [b]) => a - b).map(([, { thread }]) => thread)
  }

  /** All tasks of all threads. */
  *tasks(): Generator<ActiveTask> {
    for (const { thread } of this.#live.values()) yield* thread.tasks.values()
  }

  /** All tasks of which the threads keep copies. */
  *standbyTasks(): Generator<ActiveTask> {
    for (const { thread } of this.#live.values()) yield* thread.standbyTasks.values()
  }

  /** True when every thread runs; those that are ending do not count beside one that runs. */
  get areRunning(): boolean {
    const states = this.threads.map(({ state }) => state)
    const others = states.includes('running') ? states.filter((state) => state !== 'pendingShutdown') : states
    return others.every((state) => state === 'running' || state === 'dead')
  }

  /** Runs one more thread. */
  add(): StreamThread {
    let threadNumber = 1
    while (this.#live.has(threadNumber)) threadNumber += 1
    const share = this.#share(this.#serving.length + 1)
    const thread = this.#options.newThread(threadNumber, share)
    this.#resizeCaches(share)
    const run = thread.run().then(
      () => undefined,
      (error: unknown) => toError(error),
    )
    const ended = run.then((error) => {
      this.#live.delete(threadNumber)
      this.#resizeCaches(this.#share(this.#serving.length))
      this.#options.onEnded(thread, error)
    })
    this.#live.set(threadNumber, { thread, ended })
    return thread
  }

  /** Asks the thread of the lowest number to end, with a last commit; undefined when there is none. */
  remove(): { readonly thread: StreamThread; readonly ended: Promise<void> } | undefined {
    const leaving = [...this.#live.values()].find(({ thread }) => isServing(thread))
    leaving?.thread.stop('LEAVE_GROUP')
    return leaving
  }

  /** Asks all threads to end, with a last commit. */
  stop(operation?: GroupMembershipOperation): void {
    for (const { thread } of this.#live.values()) thread.stop(operation)
  }

  /** Resolves when no thread is left. */
  async ended(): Promise<void> {
    while (this.#live.size > 0) await Promise.all([...this.#live.values()].map(({ ended }) => ended))
  }

  get #serving(): readonly StreamThread[] {
    return this.threads.filter(isServing)
  }

  #share(threads: number): number {
    return Math.floor(this.#options.cacheBytes / Math.max(1, threads))
  }

  #resizeCaches(bytes: number): void {
    for (const { thread } of this.#live.values()) thread.resizeCache(bytes)
  }
}

function isServing(thread: StreamThread): boolean {
  return !thread.isStopping && thread.state !== 'dead'
}
