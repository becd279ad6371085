import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { Phase } from '../kills/kill-points.ts'

/** How a worker of the chaos test is started. */
export interface WorkerOptions {
  readonly main: string
  readonly bootstrap: string
  readonly sessionTimeoutMs: number
  readonly dir: string
}

/** A process that runs the application. */
export class Worker {
  readonly #options: WorkerOptions
  readonly #note: string
  #child: ChildProcess | undefined
  #ended: Promise<void> = Promise.resolve()
  #begun: Promise<void> = new Promise(() => {})
  #errors = ''
  /** It was told to end, or to be killed. */
  #isExpected = false

  constructor(options: WorkerOptions) {
    this.#options = options
    this.#note = join(options.dir, 'killed-in')
  }

  get isRunning(): boolean {
    return this.#child !== undefined
  }

  /** Resolves when the process has tasks and runs; never when it ends before. */
  get begun(): Promise<void> {
    return this.#begun
  }

  /** What the process said, if it ended without being told to. */
  get fault(): string | undefined {
    return this.isRunning || this.#isExpected ? undefined : this.#errors
  }

  start(phase: Phase | 'none' = 'none', count = 1, turns = 0): void {
    const { main, bootstrap, sessionTimeoutMs, dir } = this.#options
    rmSync(this.#note, { force: true })
    const args = [
      main,
      bootstrap,
      String(sessionTimeoutMs),
      join(dir, 'state'),
      this.#note,
      phase,
      `${count}`,
      `${turns}`,
    ]
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    this.#child = child
    this.#errors = ''
    this.#isExpected = false
    this.#begun = new Promise((resolve) => child.stdout!.once('data', () => resolve()))
    child.stderr!.on('data', (chunk) => {
      this.#errors += String(chunk)
    })
    this.#ended = once(child, 'close').then(([code, signal]) => {
      this.#errors += `(exit ${code ?? signal})`
      this.#isExpected ||= existsSync(this.#note)
      this.#child = undefined
    })
  }

  /** Waits until it has killed itself, at most so long; gives the phase if it has. */
  async died(withinMs: number): Promise<Phase | undefined> {
    await Promise.race([this.#ended, sleep(withinMs)])
    if (this.isRunning || !existsSync(this.#note)) return undefined
    return readFileSync(this.#note, 'utf8') as Phase
  }

  async kill(): Promise<void> {
    this.#isExpected = true
    this.#child?.kill('SIGKILL')
    await this.#ended
  }

  async freeze(ms: number): Promise<void> {
    const child = this.#child
    child?.kill('SIGSTOP')
    await sleep(ms)
    child?.kill('SIGCONT')
  }

  /** Lets it end by itself; gives what is wrong about how it did. */
  async stop(): Promise<string | undefined> {
    const child = this.#child
    if (child === undefined) return undefined
    child.kill('SIGTERM')
    await this.#ended
    // By the signal itself: it had not begun yet.
    const isClean = child.exitCode === 0 || child.signalCode === 'SIGTERM' || existsSync(this.#note)
    this.#isExpected = true
    return isClean ? undefined : this.#errors
  }

  forgetState(): void {
    rmSync(join(this.#options.dir, 'state'), { recursive: true, force: true })
  }
}
