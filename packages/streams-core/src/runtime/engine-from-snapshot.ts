import { rmSync } from 'node:fs'
import {
  type ChangelogPosition,
  memoryEngineFrom,
  restoreLevelSnapshot,
  type StateEngine,
} from '@millrace/state-stores'
import type { Logger } from '../logger.ts'
import type { Snapshot, SnapshotPart } from './snapshot-directory.ts'

/** Among which snapshots one is chosen, and by what. */
export interface SnapshotChoice {
  /** Begins the messages: a task, or the global stores. */
  readonly whose: string
  /** Newest first. */
  readonly snapshots: readonly Snapshot[]
  /** Why the stores cannot go on from these positions; undefined: they can. */
  readonly whyNot: (positions: ReadonlyMap<string, ChangelogPosition>) => Promise<string | undefined>
  readonly logger: Logger
}

/**
 * Puts the newest usable snapshot in the place of what is in the directory. `local`: the engine that is open there, which is closed
 * as soon as there is a usable one. Without a snapshot that can be read, what `open` then finds, which is nothing.
 */
export async function persistentFromSnapshot(
  choice: SnapshotChoice,
  directory: string,
  local: StateEngine,
  open: () => Promise<StateEngine>,
): Promise<{ readonly engine: StateEngine; readonly snapshot: Snapshot | undefined }> {
  let engine = local
  for await (const [snapshot, path] of usable(choice, 'persistent')) {
    await engine.close()
    rmSync(directory, { recursive: true, force: true })
    let failure: unknown
    try {
      await restoreLevelSnapshot(path, directory)
    } catch (error) {
      failure = error
    }
    // A database that cannot be read is replaced by an empty one here.
    engine = await open()
    if (engine.lastCommit() !== undefined) return { engine, snapshot }
    skip(choice, snapshot, path, failure)
  }
  return { engine, snapshot: undefined }
}

/** An engine in memory with what the newest usable snapshot has; undefined: there is none. */
export async function memoryFromSnapshot(
  choice: SnapshotChoice,
): Promise<{ readonly engine: StateEngine; readonly snapshot: Snapshot } | undefined> {
  for await (const [snapshot, path] of usable(choice, 'memory')) {
    try {
      return { engine: await memoryEngineFrom(path), snapshot }
    } catch (error) {
      skip(choice, snapshot, path, error)
    }
  }
  return undefined
}

/** Where the copies of an engine are, of those snapshots whose stores can go on. */
async function* usable(choice: SnapshotChoice, part: SnapshotPart): AsyncGenerator<readonly [Snapshot, string]> {
  for (const snapshot of choice.snapshots) {
    const path = snapshot.parts[part]
    if (path === undefined) continue
    const reason = await choice.whyNot(snapshot.changelogOffsets)
    if (reason === undefined) yield [snapshot, path]
    else choice.logger.warn(`${choice.whose}: snapshot ${snapshot.number} is not used: ${reason}.`)
  }
}

function skip({ whose, logger }: SnapshotChoice, { number }: Snapshot, path: string, failure: unknown): void {
  logger.warn(`${whose}: snapshot ${number} is skipped: ${path} cannot be read.`, failure)
}
