import type { SnapshottingEngine, StateEngine, StoreCommit } from '@millrace/state-stores'
import type { Logger } from '../logger.ts'
import type { StreamsConfig } from '../streams-config.ts'
import type { Time } from '../time.ts'
import { type Snapshot, SnapshotDirectory } from './snapshot-directory.ts'
import { enginesOf } from './task-engine.ts'

interface TaskSnapshotState {
  readonly directory: SnapshotDirectory
  nextNumber: number
  /** When the last one was begun, Unix ms; -Infinity before the first. */
  lastMs: number
  /** The one that is being made. */
  running: Promise<void> | undefined
}

/** Those that the configuration asks for; undefined: none. */
export function taskSnapshots(config: StreamsConfig, time: Time): TaskSnapshots | undefined {
  const { applicationId, stateSnapshotDir, stateSnapshotIntervalMs, logger } = config
  if (stateSnapshotDir === undefined) return undefined
  return new TaskSnapshots({
    directory: stateSnapshotDir,
    applicationId,
    intervalMs: stateSnapshotIntervalMs,
    time,
    logger,
  })
}

/**
 * Makes the snapshots of a worker's tasks: with a commit, when the interval has passed, a copy of the task's engines as of
 * that commit. A task goes on meanwhile; its next store batch waits only while files are linked or copied. A snapshot that
 * cannot be made is reported, and tried again an interval later.
 */
export class TaskSnapshots {
  readonly #directory: string
  readonly #applicationId: string
  readonly #intervalMs: number
  readonly #time: Time
  readonly #logger: Logger
  readonly #tasks = new Map<string, TaskSnapshotState>()

  constructor(options: {
    readonly directory: string
    readonly applicationId: string
    readonly intervalMs: number
    readonly time: Time
    readonly logger: Logger
  }) {
    this.#directory = options.directory
    this.#applicationId = options.applicationId
    this.#intervalMs = options.intervalMs
    this.#time = options.time
    this.#logger = options.logger
  }

  /**
   * The readable snapshots of a task that starts, newest first, and makes more of them. Broken ones are reported. `maker`, for a
   * task that several instances have: tells this one from others; one of them makes a snapshot when it is time.
   */
  open(taskId: string, maker?: string): readonly Snapshot[] {
    const directory = new SnapshotDirectory(this.#directory, this.#applicationId, taskId, maker)
    const numbers = directory.open()
    const snapshots = this.#readAll(taskId, directory, numbers)
    this.#tasks.set(taskId, {
      directory,
      nextNumber: (numbers[0] ?? 0) + 1,
      lastMs: snapshots[0]?.createdMs ?? -Infinity,
      running: undefined,
    })
    return snapshots
  }

  /** The readable snapshots of a task that runs elsewhere, where more of them may be in the making. */
  read(taskId: string): readonly Snapshot[] {
    const directory = new SnapshotDirectory(this.#directory, this.#applicationId, taskId)
    return this.#readAll(taskId, directory, directory.numbers())
  }

  #readAll(taskId: string, directory: SnapshotDirectory, numbers: readonly number[]): readonly Snapshot[] {
    const snapshots: Snapshot[] = []
    for (const number of numbers) {
      try {
        snapshots.push(directory.read(number))
      } catch (error) {
        this.#logger.warn(`Task ${taskId}: snapshot ${number} is skipped.`, error)
      }
    }
    return snapshots
  }

  /** To be called when a task's engine has just been told to commit. */
  afterCommit(taskId: string, engine: StateEngine, commit: StoreCommit): void {
    const task = this.#tasks.get(taskId)
    const now = this.#time.now()
    if (task === undefined || task.running !== undefined || now - task.lastMs < this.#intervalMs) return
    task.lastMs = now
    task.running = this.#make(taskId, task, engine, commit).finally(() => {
      task.running = undefined
    })
  }

  /** Waits for a snapshot that is being made: before the task's engine is closed. */
  async close(taskId: string): Promise<void> {
    await this.#tasks.get(taskId)?.running
    this.#tasks.delete(taskId)
  }

  async #make(taskId: string, task: TaskSnapshotState, engine: StateEngine, commit: StoreCommit): Promise<void> {
    const { directory, lastMs: createdMs } = task
    const newest = directory.newestOfOthers()
    if (newest !== undefined && createdMs - newest.createdMs < this.#intervalMs) {
      task.lastMs = newest.createdMs
      return
    }
    const number = Math.max(task.nextNumber, (newest?.number ?? 0) + 1)
    task.nextNumber = number + 1
    try {
      // All engines are asked before anything is awaited, so that their copies are of the same commit.
      const copies = enginesOf(engine).map(([part, one]) => {
        return isSnapshotting(one) ? one.snapshot(directory.stagingPath(number, part)) : undefined
      })
      await Promise.all(copies)
      if (copies.every((copy) => copy === undefined)) return
      await directory.publish(number, { createdMs, changelogOffsets: commit.changelogOffsets })
    } catch (error) {
      this.#logger.warn(`Task ${taskId}: snapshot ${number} could not be made.`, error)
      await directory.abandon(number).catch(() => {})
    }
  }
}

function isSnapshotting(engine: StateEngine): engine is SnapshottingEngine {
  return 'snapshot' in engine
}
