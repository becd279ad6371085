import { randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { StreamsConfigError } from '../errors.ts'
import { lockDirectory } from './directory-lock.ts'
import { stateSchemasFile } from './state-schemas.ts'
import { TaskLocks } from './task-locks.ts'

/**
 * Where the local state of one application lives:
 *
 *     <state.dir>/<application id>/process.json   whose it is, and the process id that names its transactions
 *                                  .lock          while an instance runs
 *                                  state-schemas.json   how the stores' values were written last
 *                                  0_0/ 0_1/ …    one folder per task
 *                                  global/        the global stores
 *                                  0_0.offsets    about where its stores stand: for the assignor, which does not open them
 *
 * @see org.apache.kafka.streams.processor.internals.StateDirectory
 */
export class StateDirectory {
  readonly path: string
  /** Which thread has a task's folder. */
  readonly taskLocks = new TaskLocks()
  readonly #applicationId: string
  #release: (() => void) | undefined

  constructor(stateDir: string, applicationId: string) {
    this.path = join(stateDir, applicationId)
    this.#applicationId = applicationId
  }

  /**
   * Takes the directory, creating it when it is missing, and gives the process id: the same at every start.
   * @throws LockError when another instance runs on it
   * @throws StreamsConfigError when it holds something else
   */
  open(): string {
    const identity = join(this.path, 'process.json')
    if (existsSync(this.path)) this.#checkOurs(identity)
    else mkdirSync(this.path, { recursive: true })
    this.#release = lockDirectory(this.path)
    try {
      return this.#readProcessId(identity)
    } catch (error) {
      this.close()
      throw error
    }
  }

  taskDirectory(taskId: string): string {
    return join(this.path, taskId)
  }

  /** Where the global stores are. */
  get globalDirectory(): string {
    return join(this.path, 'global')
  }

  /** Ids of the tasks that have state here. */
  taskIds(): string[] {
    return readdirSync(this.path).filter((name) => /^\d+_\d+$/.test(name))
  }

  /** Writes down where a task's stores stand, for the assignor at the next start. */
  noteOffsetSum(taskId: string, offsetSum: number): void {
    writeFileSync(`${this.taskDirectory(taskId)}.offsets`, `${offsetSum}\n`)
  }

  /** About where the stores of a task stand that is not open; -1: not known. */
  offsetSum(taskId: string): number {
    try {
      const sum = Number(readFileSync(`${this.taskDirectory(taskId)}.offsets`, 'utf8'))
      return Number.isSafeInteger(sum) ? sum : -1
    } catch {
      return -1
    }
  }

  /** Removes the state of all tasks. The directory must not be open. */
  clean(): void {
    if (!existsSync(this.path)) return
    this.#checkOurs(join(this.path, 'process.json'))
    const release = lockDirectory(this.path)
    try {
      rmSync(this.globalDirectory, { recursive: true, force: true })
      for (const taskId of this.taskIds()) {
        rmSync(this.taskDirectory(taskId), { recursive: true, force: true })
        rmSync(`${this.taskDirectory(taskId)}.offsets`, { force: true })
      }
      rmSync(join(this.path, stateSchemasFile), { force: true })
    } finally {
      release()
    }
  }

  close(): void {
    this.#release?.()
    this.#release = undefined
  }

  #checkOurs(identity: string): void {
    const others = readdirSync(this.path).filter((name) => name !== '.lock')
    if (others.length > 0 && !existsSync(identity)) {
      throw new StreamsConfigError(
        'state.dir',
        `${this.path} is not a state directory of Millrace: it holds ${others.length} entries and no process.json. Set another state.dir, or move them away.`,
      )
    }
  }

  #readProcessId(identity: string): string {
    if (!existsSync(identity)) {
      const processId = randomUUID()
      writeFileSync(identity, `${JSON.stringify({ format: 1, applicationId: this.#applicationId, processId })}\n`)
      return processId
    }
    let found: { readonly format?: unknown; readonly applicationId?: unknown; readonly processId?: unknown }
    try {
      found = JSON.parse(readFileSync(identity, 'utf8'))
    } catch (error) {
      throw new StreamsConfigError(
        'state.dir',
        `${identity} cannot be read (${String(error)}). Remove ${this.path}; its stores are restored from their changelogs.`,
      )
    }
    if (found.format !== 1 || found.applicationId !== this.#applicationId || typeof found.processId !== 'string') {
      throw new StreamsConfigError(
        'state.dir',
        `${identity} belongs to application '${String(found.applicationId)}' in format ${String(found.format)}, not to '${this.#applicationId}' in format 1. Set another state.dir.`,
      )
    }
    return found.processId
  }
}
