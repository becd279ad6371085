import { rmSync } from 'node:fs'
import {
  type ChangelogPosition,
  memoryEngine,
  memoryEngineFrom,
  restoreLevelSnapshot,
  type StateEngine,
} from '@millrace/state-stores'
import type { Logger } from '../logger.ts'
import type { StateStore } from '../state/state-store.ts'
import type { Snapshot } from './snapshot-directory.ts'
import { taskEngine } from './task-engine.ts'

/** Where global stores stand, by `topic-partition`. */
export type GlobalPositions = ReadonlyMap<string, ChangelogPosition>

/** What {@link openGlobalEngine} needs to know. */
export interface OpenGlobalEngineOptions {
  readonly stores: readonly StateStore[]
  /** Where the persistent stores are. */
  readonly directory: string
  /** Opens what is in the directory. */
  readonly openPersistent: () => Promise<StateEngine>
  /** Newest first; none when snapshots are not configured. */
  readonly snapshots: readonly Snapshot[]
  /** Why stores cannot go on from these positions; undefined: they can. */
  readonly whyUnusable: (positions: GlobalPositions) => Promise<string | undefined>
  readonly logger: Logger
}

/** An engine of global stores, and the positions of its two kinds of stores. */
export interface GlobalEngine {
  readonly engine: StateEngine
  readonly persistent: GlobalPositions
  readonly memory: GlobalPositions
}

const none: GlobalPositions = new Map()

/**
 * Opens the engine of the global stores: persistent ones with local state where it is valid, else as the newest valid snapshot has
 * them, else empty; those in memory with a snapshot, or empty.
 */
export async function openGlobalEngine(options: OpenGlobalEngineOptions): Promise<GlobalEngine> {
  const { stores } = options
  const hasPersistent = stores.some((store) => store.persistent)
  const hasMemory = stores.some((store) => !store.persistent)
  const persistent = hasPersistent ? await openPersistent(options) : undefined
  const memory = hasMemory ? await openMemory(options) : undefined
  return {
    engine: taskEngine(persistent, memory?.engine, stores),
    persistent: persistent?.lastCommit()?.changelogOffsets ?? none,
    memory: memory?.positions ?? none,
  }
}

async function openPersistent(options: OpenGlobalEngineOptions): Promise<StateEngine> {
  const { directory, snapshots, logger } = options
  let engine = await options.openPersistent()
  if (snapshots.length === 0) return engine
  const local = engine.lastCommit()
  const reason = local === undefined ? 'there is none' : await options.whyUnusable(local.changelogOffsets)
  if (reason === undefined) return engine
  for (const snapshot of snapshots) {
    const path = snapshot.parts.persistent
    if (path === undefined || !(await isUsable(options, snapshot))) continue
    await engine.close()
    rmSync(directory, { recursive: true, force: true })
    let failure: unknown
    try {
      await restoreLevelSnapshot(path, directory)
    } catch (error) {
      failure = error
    }
    engine = await options.openPersistent()
    if (engine.lastCommit() !== undefined) {
      logger.info(`Global stores: snapshot ${snapshot.number} takes the place of local state: ${reason}.`)
      return engine
    }
    logger.warn(`Global stores: snapshot ${snapshot.number} is skipped: ${path} cannot be read.`, failure)
  }
  return engine
}

async function openMemory(
  options: OpenGlobalEngineOptions,
): Promise<{ readonly engine: StateEngine; readonly positions: GlobalPositions }> {
  for (const snapshot of options.snapshots) {
    const path = snapshot.parts.memory
    if (path === undefined || !(await isUsable(options, snapshot))) continue
    try {
      const engine = await memoryEngineFrom(path)
      options.logger.info(`Global stores: those in memory begin with snapshot ${snapshot.number}.`)
      return { engine, positions: snapshot.changelogOffsets }
    } catch (error) {
      options.logger.warn(`Global stores: snapshot ${snapshot.number} is skipped: ${path} cannot be read.`, error)
    }
  }
  return { engine: memoryEngine(), positions: none }
}

async function isUsable(options: OpenGlobalEngineOptions, snapshot: Snapshot): Promise<boolean> {
  const reason = await options.whyUnusable(snapshot.changelogOffsets)
  if (reason === undefined) return true
  options.logger.warn(`Global stores: snapshot ${snapshot.number} is not used: ${reason}.`)
  return false
}
